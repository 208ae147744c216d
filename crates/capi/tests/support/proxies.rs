//! Proxies of other authors, as far as they are installed, and an origin behind them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::process::STUCK;
use super::upstream::{Kind, Upstream};
use super::{free_port, is_installed};

enum Running {
    Program(Child),
    Ours {
        _upstream: Upstream,
        _threads: tokio::runtime::Runtime,
    },
}

/// A proxy that runs until it is dropped.
pub struct Proxy {
    name: &'static str,
    address: SocketAddr,
    running: Running,
    /// Its configuration.
    _folder: Folder,
}

impl Proxy {
    /// One of each kind that is installed, and one of ours.
    pub fn all() -> Vec<Self> {
        let programs = ["microsocks", "tinyproxy", "danted", "squid"];
        let installed = programs.iter().filter(|name| is_installed(name));
        let mut all: Vec<Self> = installed.map(|name| Self::program(name)).collect();
        all.push(Self::ours());
        all
    }

    fn ours() -> Self {
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread");
        let upstream = threads.block_on(Upstream::start(Kind::Socks));
        Self {
            name: "ours",
            address: upstream.address,
            running: Running::Ours {
                _upstream: upstream,
                _threads: threads,
            },
            _folder: Folder::new(),
        }
    }

    fn program(name: &'static str) -> Self {
        let port = free_port();
        let folder = Folder::new();
        let path = folder.path().display();
        let mut command = Command::new(name);
        // The folders of services are not in the path of everybody.
        let folders = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{folders}:/usr/sbin:/usr/local/sbin"));
        match name {
            "microsocks" => {
                command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
            }
            "tinyproxy" => {
                let lines = format!(
                    "Port {port}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nMaxClients 200\n"
                );
                command.args(["-d", "-c"]).arg(folder.write("conf", &lines));
            }
            "danted" => {
                // These come before the rules.
                let users = if is_root() {
                    "user.privileged: root\nuser.unprivileged: nobody\n"
                } else {
                    ""
                };
                let lines = format!(
                    "logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: lo\n\
                     clientmethod: none\nsocksmethod: none\n{users}\
                     client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}\n\
                     socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect }}\n"
                );
                command.arg("-f").arg(folder.write("conf", &lines));
                command.args(["-p", &format!("{path}/pid")]);
            }
            _ => {
                let lines = format!(
                    "http_port 127.0.0.1:{port}\nvisible_hostname loopwire.test\npid_filename none\n\
                     access_log none\ncache_log /dev/null\ncache deny all\ncache_mem 4 MB\n\
                     netdb_filename none\ncoredump_dir none\npinger_enable off\nicp_port 0\n\
                     max_filedescriptors 1024\nshutdown_lifetime 0 seconds\n\
                     http_access allow localhost\nhttp_access deny all\n"
                );
                // Its shared memory is named after the third word.
                command.args(["-N", "-n", &format!("loopwire{port}"), "-f"]);
                command.arg(folder.write("conf", &lines));
            }
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let until = Instant::now() + STUCK;
        while TcpStream::connect(address).is_err() {
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "{name} does not start: {ended:?}");
            assert!(Instant::now() < until, "{name} does not start");
            thread::sleep(Duration::from_millis(10));
        }
        Self {
            name,
            address,
            running: Running::Program(child),
            _folder: folder,
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn protocol(&self) -> &'static str {
        match self.name {
            "tinyproxy" | "squid" => "http",
            _ => "socks5",
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Running::Program(child) = &mut self.running {
            // As a service is ended: it takes its own processes and its shared memory with it.
            let ended = Command::new("kill").arg(child.id().to_string()).status();
            if !ended.is_ok_and(|ended| ended.success()) {
                let _ = child.kill();
            }
            let _ = child.wait();
        }
    }
}

/// An HTTP server that says what it was asked for.
pub struct Origin(SocketAddr);

impl Origin {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(&stream));
            }
        });
        Self(address)
    }

    pub fn address(&self) -> SocketAddr {
        self.0
    }
}

fn answer(mut stream: &TcpStream) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    for _ in lines.by_ref().take_while(|line| !line.is_empty()) {}
    let body = format!(
        "you asked for {}",
        first.split(' ').nth(1).unwrap_or_default()
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes());
}
