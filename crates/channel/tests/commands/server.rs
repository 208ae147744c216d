//! A server with an engine whose commands do what their names say.

use std::net::TcpStream;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use loopwire_channel::{Command, CommandError, Engine, EngineSpec, ListenerOptions, Reply};
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tungstenite::{Message, WebSocket};

use crate::support::{PATIENCE, TOKEN, TestServer, receive};

#[derive(Deserialize)]
struct Numbered {
    port: u16,
}

/// The engine.
pub(crate) struct TestEngine {
    /// Each permit completes one `test:later`.
    pub(crate) gate: Arc<Semaphore>,
    kept: Mutex<Sender<Reply>>,
}

impl Engine for TestEngine {
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
            "test:panic" => panic!("the engine panicked"),
            "test:panicLater" => {
                let (_, reply) = command.read::<Value>("an object").unwrap();
                reply.later(async {
                    tokio::task::yield_now().await;
                    assert_eq!(1, 2, "the work panicked");
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

/// A server with this engine.
pub(crate) struct CommandServer {
    server: TestServer,
    pub(crate) engine: Arc<TestEngine>,
    kept: Receiver<Reply>,
}

impl CommandServer {
    pub(crate) fn start() -> Self {
        let (sender, kept) = channel();
        let engine = Arc::new(TestEngine {
            gate: Arc::new(Semaphore::new(0)),
            kept: Mutex::new(sender),
        });
        let engines: Vec<Arc<dyn Engine>> = vec![Arc::clone(&engine) as _];
        Self {
            server: TestServer::start(ListenerOptions::default(), engines),
            engine,
            kept,
        }
    }

    /// A client of the sandbox's form.
    pub(crate) fn open_client(&self) -> Client {
        let url = format!("ws://{}/?token={TOKEN}", self.address());
        let (socket, _) = tungstenite::client(url, self.connect()).unwrap();
        Client(socket)
    }

    /// The next reply that was kept.
    pub(crate) fn kept(&self) -> Reply {
        self.kept.recv_timeout(PATIENCE).unwrap()
    }

    /// The next reply that was kept, if there is one within a short time.
    pub(crate) fn kept_soon(&self) -> Option<Reply> {
        self.kept.recv_timeout(Duration::from_millis(100)).ok()
    }
}

impl Deref for CommandServer {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.server
    }
}

impl DerefMut for CommandServer {
    fn deref_mut(&mut self) -> &mut TestServer {
        &mut self.server
    }
}

/// A connected client.
pub(crate) struct Client(pub(crate) WebSocket<TcpStream>);

impl Client {
    pub(crate) fn send_text(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).unwrap();
    }

    /// The next text.
    pub(crate) fn receive(&mut self) -> String {
        match receive(&mut self.0) {
            Message::Text(text) => text.to_string(),
            other => panic!("{other:?} instead of a text"),
        }
    }

    /// The next text, with its timestamp checked and then replaced by a fixed one.
    pub(crate) fn receive_dated(&mut self) -> String {
        let text = self.receive();
        let (front, rest) = text.split_once(r#""timestamp":""#).expect(&text);
        let (stamp, behind) = rest.split_once('"').expect(&text);
        humantime::parse_rfc3339(stamp).expect(&text);
        format!(r#"{front}"timestamp":"2025-10-16T12:00:00.000Z"{behind}"#)
    }

    pub(crate) fn ask(&mut self, text: impl Into<String>) -> Value {
        self.send_text(text);
        self.answer()
    }

    pub(crate) fn answer(&mut self) -> Value {
        serde_json::from_str(&self.receive()).unwrap()
    }

    /// Whether the connection answers a ping, with no other message first.
    pub(crate) fn answers_ping(&mut self) -> bool {
        self.ask(r#"{"type":"ping"}"#)["type"] == "pong"
    }
}
