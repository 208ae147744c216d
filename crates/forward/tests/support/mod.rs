//! Shared by the tests: an engine whose journal is read back, servers, and all kinds of upstreams.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

pub mod api;
pub mod origin;
pub mod ports;
pub mod script;
pub mod server;
pub mod tls;
pub mod upstream;
pub mod watched;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use loopwire_channel::{Bounds, Journal, Read};
use loopwire_forward::{Engine, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub use ports::free_port;

/// Longer than any step of a test takes, even on a machine that stalls for seconds: a test that reaches it is stuck.
pub const STUCK: Duration = Duration::from_secs(60);

/// For tests of a silent upstream, where nothing else has to happen in that time.
pub const BRIEF: Duration = Duration::from_millis(700);

pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(STUCK, future).await {
        Ok(value) => value,
        Err(_) => panic!("stuck: {what}"),
    }
}

pub async fn until(what: &str, condition: impl Fn() -> bool) {
    soon(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// Settings without timers that a test did not ask for. The timeouts suit a machine that stalls for seconds; a test
/// that waits for one shortens it, see [`TestEngine::hurry`].
pub fn quick() -> Settings {
    Settings {
        connect_timeout: Duration::from_secs(20),
        handshake_timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_secs(60),
        idle_check: Duration::ZERO,
        ..Settings::default()
    }
}

pub struct TestEngine {
    pub engine: Engine,
    pub journal: Arc<Journal>,
    pub port: u16,
    read: parking_lot::Mutex<(u64, Vec<String>)>,
    list: PathBuf,
    _watch: loopwire_testing::Watch,
}

impl TestEngine {
    /// An engine with a range of one free port and a list of these entries.
    pub fn new(settings: Settings, entries: &[String]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("loopwire-forward-{}-{number}.json", std::process::id());
        let list = std::env::temp_dir().join(name);
        let journal = Journal::new(Bounds::default());
        let handle = tokio::runtime::Handle::current();
        let engine = Engine::new(Arc::clone(&journal), handle, settings);
        engine
            .set_api_host(&format!("file://{}", list.display()))
            .unwrap();
        let port = free_port();
        engine
            .update_ip_format_and_ports("127.0.0.1:%d", port.into(), 1)
            .unwrap();
        let read = parking_lot::Mutex::new((1, Vec::new()));
        let setup = Self {
            engine,
            journal,
            port,
            read,
            list,
            _watch: loopwire_testing::Watch::new(),
        };
        setup.list(entries);
        assert_eq!(
            setup.events(),
            [format!(
                r#"{{"type":"settingPortChange","payload":"{port}:1"}}"#
            )]
        );
        setup
    }

    /// Forwards the entry `up` of that list, and reads its two events.
    pub async fn forwarding(settings: Settings, entry: String) -> Self {
        let setup = Self::new(settings, &[entry]);
        soon(
            "createWithId",
            setup.engine.create_with_id(setup.port, "up", "1", "manual"),
        )
        .await
        .unwrap();
        assert_eq!(
            setup.events(),
            [
                setup.state(),
                r#"{"type":"forwardListCompleted","payload":"up"}"#.to_owned()
            ]
        );
        setup
    }

    /// From now on a silent upstream fails soon. Called after the set-up, which must not fail because of it.
    pub fn hurry(&self) {
        self.engine
            .configure(|settings| settings.handshake_timeout = BRIEF);
    }

    pub fn list(&self, entries: &[String]) {
        std::fs::write(&self.list, format!("[{}]", entries.join(","))).unwrap();
    }

    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub async fn connect(&self) -> TcpStream {
        soon("connect", TcpStream::connect(self.address()))
            .await
            .unwrap()
    }

    /// The plain text of `portStateUpdate`.
    pub fn state(&self) -> String {
        format!(r#"{{"type":"portStateUpdate","payload":"{}"}}"#, self.port)
    }

    pub fn error(&self, id: &str, detail: &str) -> String {
        format!(r#"{{"type":"proxyError","payload":"{id}:req_proxy_config_error@{detail}"}}"#)
    }

    /// The events since the last call, without details.
    pub fn events(&self) -> Vec<String> {
        self.take().into_iter().map(|(event, _)| event).collect()
    }

    /// The events since the last call, with details.
    pub fn take(&self) -> Vec<(String, String)> {
        let mut read = self.read.lock();
        let mut events = Vec::new();
        while let Read::Events(segment) = self.journal.read(read.0) {
            for record in segment.records(read.0) {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                events.push((text(record.json), text(record.detail)));
            }
            read.0 = segment.next();
        }
        events
    }

    /// Waits for that many more events.
    pub async fn next(&self, count: usize) -> Vec<(String, String)> {
        let from = self.read.lock().0;
        until("events", || self.journal.head() >= from + count as u64 - 1).await;
        self.take()
    }

    /// A value of the port's configuration.
    pub fn config(&self, key: &str) -> serde_json::Value {
        let text = self.engine.get_config_json(self.port);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value.pointer(key).cloned().unwrap_or_default()
    }
}

impl Drop for TestEngine {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.list);
    }
}

/// An entry `up` at that address, with further keys in front.
pub fn entry(protocol: &str, at: SocketAddr, more: &str) -> String {
    format!(
        r#"{{"id":"up","protocol":"{protocol}",{more}"host":"{}","port":{}}}"#,
        at.ip(),
        at.port()
    )
}

/// An echo server that closes when its peer has.
pub async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
    address
}

/// An HTTP server that answers each request with what it read, as `method target|host|body`.
pub async fn http_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(upstream::answer_requests(stream, Vec::new()));
        }
    });
    address
}

pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = soon("the end", stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until `end`.
pub async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    soon(end, async {
        let mut buffer = [0; 4096];
        while !bytes.ends_with(end.as_bytes()) {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            }
        }
    })
    .await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A tunnel by CONNECT through the port.
pub async fn tunnel(setup: &TestEngine, target: SocketAddr) -> TcpStream {
    let mut stream = setup.connect().await;
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert_eq!(answer, "HTTP/1.1 200 Connection established\r\n\r\n");
    stream
}

/// The reply code to a SOCKS5 CONNECT of these address bytes.
pub async fn socks(stream: &mut TcpStream, command: u8, address: &[u8]) -> u8 {
    stream.write_all(&[5, 1, 0]).await.unwrap();
    let mut method = [0; 2];
    soon("method", stream.read_exact(&mut method))
        .await
        .unwrap();
    assert_eq!(method, [5, 0]);
    stream
        .write_all(&[&[5, command, 0], address].concat())
        .await
        .unwrap();
    let mut reply = [0; 10];
    soon("reply", stream.read_exact(&mut reply)).await.unwrap();
    assert_eq!((reply[0], &reply[2..]), (5, &[0, 1, 0, 0, 0, 0, 0, 0][..]));
    reply[1]
}

pub fn socks_name(name: &[u8], port: u16) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    [&[3, length], name, &port.to_be_bytes()].concat()
}
