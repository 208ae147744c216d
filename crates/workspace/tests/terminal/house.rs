//! A house with terminals and nothing else, and clients that visit it.

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{
    Bounds, Command, Engine, EngineSpec, Input, Journal, Listener, ListenerOptions, Peer, Token,
    bind,
};
use loopwire_workspace::{Options, Root, Terminals};
use prometheus_client::encoding::DescriptorEncoder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tungstenite::{Message, WebSocket};

const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Far more than anything here takes: reached only by what would never come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

struct Porter(Terminals);

impl Engine for Porter {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["terminal:"],
            ..EngineSpec::EMPTY
        }
    }

    fn brings_id(&self, name: &str) -> bool {
        Terminals::brings_id(name)
    }

    fn command(&self, command: Command) {
        self.0.command(command);
    }

    fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        self.0.input(peer, input)
    }

    fn metrics(&self, _encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

/// A running listener.
pub(crate) struct House {
    pub(crate) listener: Arc<Listener>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) terminals: Terminals,
    pub(crate) runtime: Option<Runtime>,
    dir: TempDir,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::new(Bounds::default());
        let root = Root::open(dir.path()).unwrap();
        let handle = runtime.handle().clone();
        let terminals = Terminals::new(root, &options, Arc::clone(&journal), handle);
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            None,
            vec![Arc::new(Porter(terminals.clone())) as _],
            ListenerOptions::default(),
        );
        Self {
            listener: listener.unwrap(),
            journal,
            terminals,
            runtime: Some(runtime),
            dir,
        }
    }

    /// The workspace's root.
    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// A client that takes text.
    pub(crate) fn visit(&self) -> Client {
        self.visit_with("")
    }

    /// A client that takes binary frames.
    pub(crate) fn visit_binary(&self) -> Client {
        self.visit_with("&binary=true")
    }

    fn visit_with(&self, flags: &str) -> Client {
        let address = self.listener.address();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let url = format!("ws://{address}/?token={TOKEN}{flags}");
        let (socket, _) = tungstenite::client(url, stream).unwrap();
        Client(socket)
    }

    pub(crate) fn wait<F: Future>(&self, work: F) -> F::Output {
        let runtime = self.runtime.as_ref().unwrap();
        runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await.unwrap() })
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.terminals.kill();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Waits until it is so.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process is there, and no zombie.
pub(crate) fn lives(pid: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(')')
        .map(|(_, behind)| behind.trim_start().chars().next());
    !matches!(state, None | Some(Some('Z' | 'X')))
}

/// The processes of these sessions that are alive.
pub(crate) fn members(sessions: &[u64]) -> Vec<u64> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u64>().ok());
    pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let session = stat
            .rsplit_once(") ")
            .and_then(|(_, behind)| behind.split(' ').nth(3));
        let session = session.and_then(|session| session.parse().ok());
        session.is_some_and(|session| sessions.contains(&session)) && lives(*pid)
    })
    .collect()
}

/// What a command has said, as a client heard it.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) messages: Vec<Value>,
    /// The data of `terminal:exit`.
    pub(crate) exit: Value,
}

/// A client's end of a connection.
pub(crate) struct Client(pub(crate) WebSocket<TcpStream>);

impl Client {
    pub(crate) fn say(&mut self, kind: &str, data: &Value) {
        let text = json!({"type": kind, "data": data}).to_string();
        self.0.send(Message::text(text)).unwrap();
    }

    pub(crate) fn execute(&mut self, data: &Value) {
        self.say("terminal:execute", data);
    }

    /// The next message, whatever it is.
    pub(crate) fn next(&mut self) -> Message {
        loop {
            match self.0.read().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    /// The next text; its timestamp was looked at.
    pub(crate) fn hear(&mut self) -> Value {
        match self.next() {
            Message::Text(text) => {
                let value: Value = serde_json::from_str(&text).unwrap();
                if value["type"] == "ping" {
                    return self.hear();
                }
                let stamp = value["timestamp"].as_str().unwrap();
                assert!(stamp.len() == 24 && stamp.ends_with('Z'), "{stamp}");
                assert!(text.len() <= 64 << 10);
                value
            }
            other => panic!("{other:?} instead of a text"),
        }
    }

    /// The data of the next text, which has to be of that type.
    pub(crate) fn expect(&mut self, kind: &str) -> Value {
        let mut value = self.hear();
        assert_eq!(value["type"], kind, "{value}");
        value["data"].take()
    }

    /// Hears one terminal to its end. Offsets have to follow each other.
    pub(crate) fn hear_out(&mut self) -> Heard {
        let mut heard = Heard::default();
        loop {
            let mut value = self.hear();
            let data = value["data"].take();
            if value["type"] == "terminal:exit" {
                heard.exit = data;
                return heard;
            }
            assert_eq!(value["type"], "terminal:output", "{value} {data}");
            let output = data["output"].as_str().unwrap();
            heard.text.push_str(output);
            match data["source"].as_str().unwrap() {
                "stdout" => heard.stdout.push_str(output),
                "stderr" => heard.stderr.push_str(output),
                other => panic!("{other}"),
            }
            heard.messages.push(data);
        }
    }

    /// Hears until the output so far holds `what`.
    pub(crate) fn hear_until(&mut self, what: &str) -> String {
        let mut text = String::new();
        while !text.contains(what) {
            let data = self.expect("terminal:output");
            text.push_str(data["output"].as_str().unwrap());
        }
        text
    }

    /// Runs a command to its end.
    pub(crate) fn run(&mut self, command: &str) -> Heard {
        self.execute(&json!({"command": command}));
        self.hear_out()
    }

    /// Whether the connection still answers, and has nothing else to say first.
    pub(crate) fn is_at_ease(&mut self) -> bool {
        self.0.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
        self.hear()["type"] == "pong"
    }

    /// Leaves without a word.
    pub(crate) fn drop_dead(self) {
        let _ = self.0.get_ref().shutdown(std::net::Shutdown::Both);
    }
}
