//! Third-party programs: curl as the client, tinyproxy and microsocks as the upstreams.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use support::origin::{Origin, Said};
use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, entry, free_port, http_server, quick, read_until, tunnel};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Without the settings of the user or the machine: no curlrc and no `NO_PROXY`.
const ALONE: [&str; 3] = ["-q", "--noproxy", ""];

/// Whether the programs are installed; names them if not.
fn found(test: &str, programs: &[&str]) -> bool {
    for program in programs {
        let folders = ["/usr/bin", "/usr/sbin"];
        if !folders
            .iter()
            .any(|folder| Path::new(folder).join(program).exists())
        {
            println!("SKIPPED: {test}: {program} is not installed");
            return false;
        }
    }
    true
}

async fn started(program: &str, arguments: &[&str], at: SocketAddr) -> Child {
    let child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    support::soon(program, async {
        while TcpStream::connect(at).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    child
}

/// curl with CONNECT, plain requests and SOCKS5, through the port to the server.
async fn curl(setup: &TestEngine) {
    let website = http_server().await;
    let url = format!("http://localhost:{}/path", website.port());
    for arguments in [
        vec!["-x", "http://"],
        vec!["-p", "-x", "http://"],
        vec!["-x", "socks5h://"],
    ] {
        let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let last = arguments.pop().unwrap();
        arguments.push(format!("{last}{}", setup.address()));
        let output = Command::new("curl")
            .args(ALONE)
            .args(["-sS", "--max-time", "45", "-d", "body"])
            .args(&arguments)
            .arg(&url)
            .output();
        let output = support::soon("curl", output).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            text.starts_with("POST /path HTTP/1.1|localhost:")
                || text.starts_with("POST http://localhost:"),
            "{arguments:?}: {}: {text} {said} {:?}",
            output.status,
            setup.events()
        );
        assert!(text.contains("|body|hop="), "{arguments:?}: {text} {said}");
    }
}

#[tokio::test]
async fn curl_through_our_own_upstreams() {
    if !found("curl_through_our_own_upstreams", &["curl"]) {
        return;
    }
    for kind in [Kind::Http, Kind::Socks] {
        let up = Upstream::with(kind, Some(("user name", "p@ss:%"))).await;
        let more = r#""username":"user name","password":"p@ss:%","#;
        let setup = TestEngine::forwarding(quick(), up.entry(more)).await;
        curl(&setup).await;
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn curl_through_microsocks() {
    if !found("curl_through_microsocks", &["curl", "microsocks"]) {
        return;
    }
    for (flags, more) in [
        (&[][..], ""),
        (
            &["-u", "us:er", "-P", "p@ss %ü"][..],
            r#""username":"us:er","password":"p@ss %ü","#,
        ),
    ] {
        let at: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        let port = at.port().to_string();
        let arguments = [&["-i", "127.0.0.1", "-p", &port], flags].concat();
        let _running = started("microsocks", &arguments, at).await;
        let setup = TestEngine::forwarding(quick(), entry("socks5", at, more)).await;
        curl(&setup).await;
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn curl_through_tinyproxy() {
    if !found("curl_through_tinyproxy", &["curl", "tinyproxy"]) {
        return;
    }
    for (auth, more) in [
        ("", ""),
        (
            "BasicAuth alice s3cret",
            r#""username":"alice","password":"s3cret","#,
        ),
    ] {
        let at: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        let file = std::env::temp_dir().join(format!("loopwire-tinyproxy-{}.conf", at.port()));
        std::fs::write(&file, format!("Port {}\nListen 127.0.0.1\nTimeout 20\nAllow 127.0.0.1\nDisableViaHeader Yes\n{auth}\n", at.port())).unwrap();
        let _running = started("tinyproxy", &["-d", "-c", file.to_str().unwrap()], at).await;
        let setup = TestEngine::forwarding(quick(), entry("http", at, more)).await;
        curl(&setup).await;
        setup.engine.shutdown().await;
        let _ = std::fs::remove_file(file);
    }
}

/// A proxy of other authors that runs, and its files.
struct Running {
    _child: Child,
    at: SocketAddr,
    folder: std::path::PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn proxy(program: &str) -> Running {
    let at: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let port = at.port();
    let folder = std::env::temp_dir().join(format!("loopwire-{program}-{port}"));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("conf");
    let (lines, arguments) = match program {
        "squid" => (
            format!(
                "http_port 127.0.0.1:{port}\nvisible_hostname loopwire.test\npid_filename none\n\
                 access_log none\ncache_log /dev/null\ncache deny all\nnetdb_filename none\n\
                 coredump_dir none\npinger_enable off\nicp_port 0\nmax_filedescriptors 1024\n\
                 shutdown_lifetime 0 seconds\nhttp_access allow localhost\nhttp_access deny all\n\
                 retry_on_error off\nconnect_retries 0\n"
            ),
            vec!["-N", "-n"],
        ),
        _ => (
            format!("Port {port}\nListen 127.0.0.1\nTimeout 20\nAllow 127.0.0.1\n"),
            vec!["-d"],
        ),
    };
    std::fs::write(&file, lines).unwrap();
    let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    if program == "squid" {
        // Its shared memory is named after this.
        arguments.push(format!("loopwire{port}"));
        arguments.push("-f".to_owned());
    } else {
        arguments.push("-c".to_owned());
    }
    arguments.push(file.display().to_string());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let child = started(program, &arguments, at).await;
    Running {
        _child: child,
        at,
        folder,
    }
}

/// Status and body as curl sees them; `None` where curl itself gives up.
async fn seen(through: SocketAddr, origin: SocketAddr, more: &[&str]) -> Option<String> {
    let output = Command::new("curl")
        .args(ALONE)
        .args(["-sS", "--max-time", "20", "-w", "|%{http_code}", "-x"])
        .arg(format!("http://{through}"))
        .args(more)
        .arg(format!("http://{origin}/"))
        .output();
    let output = support::soon("curl", output).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// What origins answer, and whether the proxies pass it on. `closes`: the answer ends with the connection.
fn odd_answers() -> Vec<(&'static str, Said)> {
    let ok = |head: &str| Said::once(format!("{head}Content-Length: 2\r\n\r\nok"));
    let closing = |head: &str| Said::once(format!("{head}\r\n\r\nok")).and_closes();
    let chunks = "\r\n2\r\nok\r\n0\r\n\r\n";
    let many: String = (0..150).map(|at| format!("X-{at}: {at}\r\n")).collect();
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(40);
    vec![
        (
            "space before the colon",
            ok("HTTP/1.1 200 OK\r\nX-Thing : a\r\n"),
        ),
        ("a folded line", ok("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n")),
        (
            "a control character",
            ok("HTTP/1.1 200 OK\r\nX: a\x01b\r\n"),
        ),
        ("150 headers", ok(&format!("HTTP/1.1 200 OK\r\n{many}"))),
        (
            "60 KB",
            ok(&format!("HTTP/1.1 200 OK\r\nX: {}\r\n", "y".repeat(60_000))),
        ),
        (
            "both framings",
            Said::once(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n{chunks}"
            )),
        ),
        (
            "the length twice",
            ok("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"),
        ),
        (
            "two lengths",
            ok("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n").and_closes(),
        ),
        (
            "identity",
            closing("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity"),
        ),
        ("ICY", closing("ICY 200 OK\r\nicy-name: x")),
        ("HTTP/1.2", ok("HTTP/1.2 200 OK\r\n")),
        (
            "an unasked 101",
            Said::once("HTTP/1.1 101 Switch\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
                .and_closes(),
        ),
        (
            "interim answers",
            ok(&format!("{hints}HTTP/1.1 200 OK\r\n")),
        ),
        ("no answer", Said::once("").and_closes()),
        ("status 0", ok("HTTP/1.1 000 No\r\n").and_closes()),
        (
            "another protocol",
            Said::once("SSH-2.0-OpenSSH_9.2\r\n").and_closes(),
        ),
        (
            "its own 407",
            ok("HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: Basic realm=\"o\"\r\n"),
        ),
    ]
}

/// Behind a proxy of other authors, what curl gets through the port is what it gets from the proxy alone; and
/// whatever an origin says, the port stays as it is, with everybody else's connections.
#[tokio::test]
async fn odd_origins_behind_other_proxies_blame_nobody() {
    let test = "odd_origins_behind_other_proxies_blame_nobody";
    for program in ["tinyproxy", "squid"] {
        if !found(test, &["curl", program]) {
            continue;
        }
        let running = proxy(program).await;
        let mut settings = quick();
        settings.rotate_on_error = true;
        let setup = TestEngine::forwarding(settings, entry("http", running.at, "")).await;
        let mut other = match program {
            // squid allows CONNECT to 443 alone.
            "squid" => None,
            _ => Some(tunnel(&setup, echo().await).await),
        };
        let origin = Origin::start().await;
        for (name, said) in odd_answers() {
            origin.says(said);
            for method in [&["-X", "GET"][..], &["-d", "body"]] {
                let alone = seen(running.at, origin.address, method).await;
                let through = seen(setup.address(), origin.address, method).await;
                let page = |text: &String| {
                    // The proxies' own error pages show the time.
                    let (body, status) = text.rsplit_once('|').unwrap();
                    let body = if status.starts_with('5') { "" } else { body };
                    (body.to_owned(), status.to_owned())
                };
                let told = through.as_ref().map(page);
                let refused = Some((String::new(), "502".to_owned()));
                let fits = match &alone {
                    // These are the port's own to refuse.
                    _ if ["its own 407", "an unasked 101"].contains(&name) => told == refused,
                    Some(alone) => told.as_ref() == Some(&page(alone)),
                    // curl refuses what the proxy passed on (ICY), or it is truncated, here as well.
                    None => {
                        told.is_none() || told == refused || through.as_deref() == Some("ok|200")
                    }
                };
                assert!(fits, "{name} behind {program}: {alone:?}, {told:?}");
            }
        }
        if let Some(other) = &mut other {
            other.write_all(b"x").await.unwrap();
            assert_eq!(read_until(other, "x").await, "x");
        }
        assert_eq!(setup.config("/is_online"), true, "{program}");
        setup.engine.shutdown().await;
        assert_eq!(
            setup.events(),
            [setup.state()],
            "{program}: only the removal"
        );
    }
}
