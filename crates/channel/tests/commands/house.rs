//! A house with an engine of few words: its commands do what their names say.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use loopwire_channel::{
    Bounds, Command, CommandError, Engine, EngineSpec, Journal, Listener, ListenerOptions, Read,
    Reply, Token, bind,
};
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tungstenite::{Message, WebSocket};

const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Far more than anything here takes: reached only by what would never come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Numbered {
    port: u16,
}

/// The engine.
pub(crate) struct Clerk {
    /// Lets one `test:later` through per permit.
    pub(crate) gate: Arc<Semaphore>,
    kept: Mutex<Sender<Reply>>,
}

impl Engine for Clerk {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["test:", "port:"],
            ..EngineSpec::EMPTY
        }
    }

    fn command(&self, command: Command) {
        let name = command.name().to_owned();
        match name.as_str() {
            "test:echo" | "port:remove" => {
                let expected = r#"{"port": a number from 1 to 65535}"#;
                if let Some((Numbered { port }, reply)) = command.read(expected) {
                    reply.send(&json!({"port": port}));
                }
            }
            "test:keep" | "port:rotate" => {
                if let Some((_, reply)) = command.read::<Value>("an object") {
                    self.kept.lock().send(reply).unwrap();
                }
            }
            "test:later" => {
                let gate = Arc::clone(&self.gate);
                let Some((data, reply)) = command.read::<Value>("an object") else {
                    return;
                };
                reply.later(async move {
                    gate.acquire().await.unwrap().forget();
                    match data.get("code") {
                        Some(_) => Err(CommandError::new("NO_SUCH_LUCK", "not today")),
                        None => Ok(json!({"late": true})),
                    }
                });
            }
            "test:panic" => panic!("the engine fell over"),
            "test:panicLater" => {
                let (_, reply) = command.read::<Value>("an object").unwrap();
                reply.later(async {
                    tokio::task::yield_now().await;
                    assert_eq!(1, 2, "the work fell over");
                    Ok(Value::Null)
                });
            }
            "test:forget" | "port:list" => drop(command),
            "test:list" => {
                let (_, reply) = command.read::<Value>("an object").unwrap();
                reply.send(&[1, 2, 3]);
            }
            _ => command.unknown(),
        }
    }

    fn metrics(&self, _encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

/// A running listener.
pub(crate) struct House {
    pub(crate) listener: Arc<Listener>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) clerk: Arc<Clerk>,
    kept: Receiver<Reply>,
    pub(crate) runtime: Option<Runtime>,
}

impl House {
    pub(crate) fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
        let (sender, kept) = channel();
        let clerk = Arc::new(Clerk {
            gate: Arc::new(Semaphore::new(0)),
            kept: Mutex::new(sender),
        });
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            None,
            vec![Arc::clone(&clerk) as _],
            ListenerOptions::default(),
        );
        Self {
            listener: listener.unwrap(),
            journal,
            clerk,
            kept,
            runtime: Some(runtime),
        }
    }

    /// A sandbox client.
    pub(crate) fn visit(&self) -> Client {
        let address = self.listener.address();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let url = format!("ws://{address}/?token={TOKEN}");
        let (socket, _) = tungstenite::client(url, stream).unwrap();
        Client(socket)
    }

    /// The next command that asked to be kept.
    pub(crate) fn kept(&self) -> Reply {
        self.kept.recv_timeout(PATIENCE).unwrap()
    }

    /// The same, if one comes within a time in which all that comes has come.
    pub(crate) fn kept_soon(&self) -> Option<Reply> {
        self.kept.recv_timeout(Duration::from_millis(100)).ok()
    }

    pub(crate) fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !condition(self) {
            assert!(start.elapsed() < PATIENCE, "never happened: {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// What the journal holds, as text.
    pub(crate) fn published(&self) -> String {
        let (mut next, mut all) = (1, Vec::new());
        while let Read::Events(segment) = self.journal.read(next) {
            segment
                .records(next)
                .for_each(|record| all.extend_from_slice(record.json));
            next = segment.next();
        }
        String::from_utf8(all).unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A client's end of a connection.
pub(crate) struct Client(pub(crate) WebSocket<TcpStream>);

impl Client {
    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).unwrap();
    }

    /// The next text, as it came.
    pub(crate) fn hear(&mut self) -> String {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => return text.to_string(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of a text"),
            }
        }
    }

    /// The next text, its timestamp looked at and then made the same every time.
    pub(crate) fn hear_dated(&mut self) -> String {
        let text = self.hear();
        let (front, rest) = text.split_once(r#""timestamp":""#).expect(&text);
        let (stamp, behind) = rest.split_once('"').expect(&text);
        humantime::parse_rfc3339(stamp).expect(&text);
        format!(r#"{front}"timestamp":"2025-10-16T12:00:00.000Z"{behind}"#)
    }

    pub(crate) fn ask(&mut self, text: impl Into<String>) -> Value {
        self.say(text);
        self.answer()
    }

    pub(crate) fn answer(&mut self) -> Value {
        serde_json::from_str(&self.hear()).unwrap()
    }

    /// Whether the connection still answers, and has nothing else to say first.
    pub(crate) fn is_at_ease(&mut self) -> bool {
        self.ask(r#"{"type":"ping"}"#)["type"] == "pong"
    }
}
