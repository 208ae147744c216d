//! A house: an engine with a range of its own, its local API, and a client that writes raw requests.

use loopwire_channel::Token;
use loopwire_forward::Api;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::ports::free_row;
use crate::support::{Bench, quick, soon};

/// The token of those houses that have one.
pub(crate) const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

pub(crate) struct House {
    pub(crate) bench: Bench,
    pub(crate) api: Api,
    /// The first port of the range.
    pub(crate) start: u16,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl House {
    /// An engine with that list and a range of `ports` free ports.
    pub(crate) fn open(entries: &[String], ports: u16) -> Self {
        Self::with(entries, ports, None)
    }

    pub(crate) fn with(entries: &[String], ports: u16, token: Option<&str>) -> Self {
        let bench = Bench::new(quick(), entries);
        let start = free_row(ports);
        let engine = &bench.engine;
        engine.set_range_port(start.into(), ports.into()).unwrap();
        bench.events();
        let token = token.map(|token| Token::parse(token).unwrap());
        let api = engine.start_http_api(0, token).unwrap();
        Self { bench, api, start }
    }

    /// A target with the house's ports in the places of `{0}`, `{1}`, ….
    pub(crate) fn target(&self, target: &str) -> String {
        (0..9).fold(target.to_owned(), |target, at| {
            target.replace(&format!("{{{at}}}"), &(self.start + at).to_string())
        })
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, "", "").await
    }

    pub(crate) async fn post(&self, target: &str, json: &str) -> Answer {
        let json = self.target(json);
        self.ask("POST", target, "Content-Type: application/json\r\n", &json)
            .await
    }

    /// A request with further header lines and a body.
    pub(crate) async fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &str,
        body: &str,
    ) -> Answer {
        let host = self.api.local_addr();
        self.send(&format!(
            "{method} {} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.target(target),
            body.len()
        ))
        .await
    }

    /// Sends exactly this.
    pub(crate) async fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.api.local_addr()).await.unwrap();
        // The other side may answer and close before it has read all.
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

    /// An entry's id of the upstream that a port has in service.
    pub(crate) fn proxy(&self, at: u16) -> Option<String> {
        let info = self.bench.engine.port_info(self.start + at);
        info.map(|info| info.proxy_id)
    }
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect(&self.body)
    }

    /// The envelope's data, after a look at the rest.
    pub(crate) fn data(&self) -> serde_json::Value {
        let mut json = self.json();
        assert_eq!(
            (self.status, &json["error"]),
            (200, &false.into()),
            "{json}"
        );
        assert_eq!(json["message"], "ok");
        json["data"].take()
    }

    /// The envelope's message of a refusal.
    pub(crate) fn refusal(&self) -> String {
        let json = self.json();
        assert_eq!(json["error"], true, "{json}");
        json["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn kind(&self) -> &str {
        let mut lines = self.head.lines();
        let kind = lines.find_map(|line| line.strip_prefix("content-type: "));
        kind.unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
    }
}
