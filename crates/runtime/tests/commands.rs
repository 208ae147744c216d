//! The forward engine's commands, from a client's text to the engine and back, against `fixtures/commands.json`.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use loopwire_testing as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{Listener, ListenerOptions, Token};
use loopwire_runtime::{OpenListener, Runtime};
use serde_json::Value;
use tungstenite::{Message, WebSocket};

const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The timestamp of all fixtures.
const STAMP: &str = "2025-10-16T12:00:00.000Z";

/// An upstream that grants every CONNECT. Its thread ends with the process.
fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0)
            {
                head.push(byte[0]);
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        }
    });
    address
}

struct TestServer {
    runtime: Runtime,
    listener: Arc<Listener>,
    list: PathBuf,
    port: u16,
    _watch: loopwire_testing::Watch,
}

impl TestServer {
    fn open(name: &str) -> Self {
        let runtime = Runtime::default();
        let open = OpenListener {
            events: true,
            host: [127, 0, 0, 1].into(),
            port: 0,
            token: Token::parse(TOKEN).unwrap(),
            waker: None,
            detail: false,
            tls: None,
            options: ListenerOptions::default(),
        };
        let (listener, _) = runtime.open(open).unwrap();
        let list =
            std::env::temp_dir().join(format!("loopwire-commands-{}-{name}", std::process::id()));
        // Below the ephemeral range, and free.
        let port = (20_000..30_000)
            .skip(std::process::id() as usize % 5_000)
            .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
            .unwrap();
        Self {
            runtime,
            listener,
            list,
            port,
            _watch: loopwire_testing::Watch::new(),
        }
    }

    fn list(&self, entries: &[(&str, SocketAddr)]) {
        let entries: Vec<_> = entries
            .iter()
            .map(|(id, at)| {
                serde_json::json!({
                    "id": id, "protocol": "http", "host": at.ip(), "port": at.port(),
                    "username": "me", "password": "s3cret",
                })
            })
            .collect();
        std::fs::write(&self.list, serde_json::to_vec(&entries).unwrap()).unwrap();
    }

    /// Forwards the entry of that id on the server's port.
    fn forward(&self, id: &str) {
        let engine = self.runtime.forward().unwrap();
        let url = format!("file://{}", self.list.display());
        engine.set_api_host(&url).unwrap();
        engine
            .update_ip_format_and_ports("127.0.0.1:%d", self.port.into(), 1)
            .unwrap();
        let created = engine.create_with_id(self.port, id, "1", "manual");
        let (sender, done) = std::sync::mpsc::channel();
        self.runtime.spawn(async move {
            sender.send(created.await).unwrap();
        });
        done.recv_timeout(PATIENCE).unwrap().unwrap();
    }

    fn connect(&self) -> Client<'_> {
        let address = self.listener.address();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let url = format!("ws://{address}/?token={TOKEN}");
        Client(self, tungstenite::client(url, stream).unwrap().0)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.list);
        self.runtime.dispose();
    }
}

struct Client<'a>(&'a TestServer, WebSocket<TcpStream>);

impl Client<'_> {
    /// Says a fixture's command with the server's port in place of 60000, and gives what comes back and what
    /// should: the same but for times and ports, which are made those of the fixture.
    fn play(&mut self, name: &str) -> (String, String) {
        let text = include_str!("../../../fixtures/commands.json");
        let fixtures: Vec<Value> = serde_json::from_str(text).unwrap();
        let fixture = fixtures.iter().find(|one| one["name"] == name).expect(name);
        let port = self.0.port.to_string();
        let command = fixture["command"].to_string().replace("60000", &port);
        self.1.send(Message::text(command)).unwrap();
        let start = Instant::now();
        let heard = loop {
            match self.1.read().unwrap() {
                Message::Text(text) => break text.to_string().replace(&port, "60000"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
            assert!(start.elapsed() < PATIENCE, "nothing came but pings");
        };
        assert!(!heard.contains("s3cret"), "{heard}");
        let mut heard: Value = serde_json::from_str(&heard).unwrap();
        humantime::parse_rfc3339(heard["timestamp"].as_str().unwrap()).unwrap();
        heard["timestamp"] = STAMP.into();
        (heard.to_string(), fixture["reply"].to_string())
    }
}

/// With a latency and an upstream's port that are those of a fixture.
fn leveled(heard: &str, upstream: SocketAddr, port: u16) -> String {
    let mut heard: Value =
        serde_json::from_str(&heard.replace(&upstream.port().to_string(), &port.to_string()))
            .unwrap();
    for at in ["/data/latencyMs", "/data/ports/0/latencyMs"] {
        if let Some(latency) = heard.pointer_mut(at) {
            assert!(latency.as_u64().is_some(), "{latency}");
            *latency = 12.into();
        }
    }
    if let Some(since) = heard.pointer_mut("/data/ports/0/since") {
        humantime::parse_rfc3339(since.as_str().unwrap()).unwrap();
        *since = STAMP.into();
    }
    heard.to_string()
}

#[test]
fn an_engine_that_was_never_started_answers_and_is_not_started_for_it() {
    let server = TestServer::open("unstarted");
    let mut client = server.connect();
    for name in [
        "port:list: nothing is forwarded",
        "port:remove: nothing was forwarded there",
        "error: NOT_FORWARDED",
        "error: NO_WORKSPACE",
        "error: UNKNOWN_TYPE",
        "error: BAD_MESSAGE",
    ] {
        let (heard, expected) = client.play(name);
        assert_eq!(heard, expected, "{name}");
    }
    assert!(server.runtime.started_forward().is_none());
}

#[test]
fn a_forwarded_port_is_listed_rotated_and_removed() {
    let server = TestServer::open("forwarded");
    let (up, other) = (upstream(), upstream());
    server.list(&[("up", up)]);
    server.forward("up");
    let mut client = server.connect();
    let (heard, expected) = client.play("port:list");
    assert_eq!(leveled(&heard, up, 3128), expected);
    // There is no other one to rotate to.
    let (heard, expected) = client.play("error: ROTATE_FAILED");
    assert_eq!(heard, expected);
    server.list(&[("up", up), ("other", other)]);
    let (heard, expected) = client.play("port:rotate");
    assert_eq!(leveled(&heard, other, 3129), expected);
    let (heard, expected) = client.play("port:remove");
    assert_eq!(heard, expected);
    for name in [
        "port:remove: nothing was forwarded there",
        "error: NOT_FORWARDED",
        "port:list: nothing is forwarded",
    ] {
        let (heard, expected) = client.play(name);
        assert_eq!(heard, expected, "{name}");
    }
}
