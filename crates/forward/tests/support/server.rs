//! A test server: an engine with its own range, its local API, and a client that sends raw requests.

use loopwire_channel::Token;
use loopwire_forward::Api;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::ports::free_row;
use super::{TestEngine, quick, soon};

/// The token of the servers that have one.
pub const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

pub struct TestServer {
    pub setup: TestEngine,
    pub api: Api,
    /// The first port of the range.
    pub start: u16,
}

/// The answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl TestServer {
    /// An engine with that list and a range of `ports` free ports.
    pub fn open(entries: &[String], ports: u16) -> Self {
        Self::with(entries, ports, None)
    }

    pub fn with(entries: &[String], ports: u16, token: Option<&str>) -> Self {
        let setup = TestEngine::new(quick(), entries);
        let start = free_row(ports);
        let engine = &setup.engine;
        engine.set_range_port(start.into(), ports.into()).unwrap();
        setup.events();
        let token = token.map(|token| Token::parse(token).unwrap());
        let api = engine.start_http_api(0, token).unwrap();
        Self { setup, api, start }
    }

    /// A target with the server's ports instead of `{0}`, `{1}`, ….
    pub fn target(&self, target: &str) -> String {
        (0..9).fold(target.to_owned(), |target, at| {
            target.replace(&format!("{{{at}}}"), &(self.start + at).to_string())
        })
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, "", "").await
    }

    pub async fn post(&self, target: &str, json: &str) -> Answer {
        let json = self.target(json);
        self.ask("POST", target, "Content-Type: application/json\r\n", &json)
            .await
    }

    /// A request with further header lines and a body.
    pub async fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
        let host = self.api.local_addr();
        self.send(&format!(
            "{method} {} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.target(target),
            body.len()
        ))
        .await
    }

    /// Sends exactly this request.
    pub async fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.api.local_addr()).await.unwrap();
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut raw = Vec::new();
        let _ = soon("an answer", stream.read_to_end(&mut raw)).await;
        let raw = String::from_utf8(raw).unwrap();
        let (head, body) = raw.split_once("\r\n\r\n").unwrap_or_default();
        Answer {
            status: raw
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or_default(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// The id of the upstream that serves a port.
    pub fn proxy(&self, at: u16) -> Option<String> {
        let info = self.setup.engine.port_info(self.start + at);
        info.map(|info| info.proxy_id)
    }
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect(&self.body)
    }

    /// The data of the envelope, after checking the rest.
    pub fn data(&self) -> serde_json::Value {
        let mut json = self.json();
        assert_eq!(
            (self.status, &json["error"]),
            (200, &false.into()),
            "{json}"
        );
        assert_eq!(json["message"], "ok");
        json["data"].take()
    }

    /// The message of an error envelope.
    pub fn refusal(&self) -> String {
        let json = self.json();
        assert_eq!(json["error"], true, "{json}");
        json["message"].as_str().unwrap().to_owned()
    }

    pub fn kind(&self) -> &str {
        let mut lines = self.head.lines();
        let kind = lines.find_map(|line| line.strip_prefix("content-type: "));
        kind.unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
    }
}
