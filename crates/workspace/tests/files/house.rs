//! A house whose one engine are the files of a workspace.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use loopwire_channel::{
    Bounds, Command, Engine, EngineSpec, Input, Journal, Listener, ListenerOptions, Peer, Token,
    bind,
};
use loopwire_workspace::{Files, Options, Root};
use prometheus_client::encoding::DescriptorEncoder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tungstenite::{Message, WebSocket};

const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Far more than anything here takes: reached only by what would never come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

struct Cabinet(Files);

impl Engine for Cabinet {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["file:"],
            ..EngineSpec::EMPTY
        }
    }

    fn command(&self, command: Command) {
        self.0.command(command);
    }

    fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        self.0.input(peer, input)
    }

    fn left(&self, peer: &Peer) {
        self.0.left(peer);
    }

    fn metrics(&self, _: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

/// A running listener, and a directory to work in.
pub(crate) struct House {
    pub(crate) files: Files,
    pub(crate) runtime: Option<Runtime>,
    pub(crate) dir: Option<TempDir>,
    root: PathBuf,
    listener: Arc<Listener>,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with(&Options::default())
    }

    pub(crate) fn with(options: &Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut house = Self::at(dir.path(), options);
        house.dir = Some(dir);
        house
    }

    pub(crate) fn at(root: &Path, options: &Options) -> Self {
        Self::at_with(root, options, 512)
    }

    /// With so many threads for what waits for the disk.
    pub(crate) fn at_with(root: &Path, options: &Options, blocking_threads: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(blocking_threads)
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
        let root = Root::open(root).unwrap();
        let path = root.path().to_owned();
        let files = Files::new(
            root,
            options,
            Arc::clone(&journal),
            runtime.handle().clone(),
        );
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            None,
            vec![Arc::new(Cabinet(files.clone())) as _],
            ListenerOptions::default(),
        );
        Self {
            files,
            runtime: Some(runtime),
            dir: None,
            root: path,
            listener: listener.unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// All that is in the root, temporary files too.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn visit(&self) -> Client {
        Client::connect(self.listener.address(), "")
    }

    pub(crate) fn visit_binary(&self) -> Client {
        Client::connect(self.listener.address(), "&binary=true")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    pub(crate) fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !condition(self) {
            assert!(start.elapsed() < PATIENCE, "never happened: {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.as_ref().unwrap().block_on(future)
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
    pub(crate) fn connect(address: SocketAddr, flags: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{address}/?token={TOKEN}{flags}");
        Self(tungstenite::client(url, stream).unwrap().0)
    }

    pub(crate) fn command(&mut self, name: &str, data: &Value) {
        let text = json!({"type": name, "data": data}).to_string();
        self.0.send(Message::text(text)).unwrap();
    }

    /// The next text or binary message.
    pub(crate) fn next(&mut self) -> Message {
        loop {
            match self.0.read().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Text(text) if text.as_str() == r#"{"type":"ping"}"# => {}
                other => return other,
            }
        }
    }

    /// The next message, which has to be one of that type: its data.
    pub(crate) fn hear(&mut self, kind: &str) -> Value {
        let (heard, data) = self.hear_any();
        assert_eq!(heard, kind, "{data}");
        data
    }

    pub(crate) fn hear_any(&mut self) -> (String, Value) {
        let Message::Text(text) = self.next() else {
            panic!("a binary message")
        };
        let mut message: Value = serde_json::from_str(&text).unwrap();
        assert!(
            message["timestamp"].is_string() || message["type"] == "pong",
            "{text}"
        );
        let kind = message["type"].as_str().unwrap().to_owned();
        (kind, message["data"].take())
    }

    /// The code of the error that is the answer.
    pub(crate) fn refused(&mut self, name: &str, data: &Value) -> String {
        self.command(name, data);
        let error = self.hear("error");
        assert_eq!(error["command"], name);
        error["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn write(&mut self, data: &Value) -> Value {
        self.command("file:write", data);
        self.hear("file:done")
    }

    /// Begins to write a file of that size: its stream.
    pub(crate) fn begin(&mut self, path: &str, size: usize) -> u32 {
        self.command("file:write", &json!({"path": path, "size": size}));
        let opened = self.hear("file:opened");
        assert_eq!(opened["size"], size);
        u32::try_from(opened["stream"].as_u64().unwrap()).unwrap()
    }

    pub(crate) fn send(&mut self, stream: u32, offset: usize, bytes: &[u8]) {
        self.0.send(piece(stream, offset, bytes)).unwrap();
    }

    /// Writes a whole file in pieces of that length.
    pub(crate) fn upload(&mut self, path: &str, bytes: &[u8], length: usize) -> Value {
        let stream = self.begin(path, bytes.len());
        for (at, part) in bytes.chunks(length).enumerate() {
            self.send(stream, at * length, part);
        }
        self.hear("file:done")
    }

    /// Reads what follows a `file:read`, checking each number on the way.
    pub(crate) fn download(&mut self, data: &Value) -> Vec<u8> {
        self.command("file:read", data);
        self.take(data)
    }

    pub(crate) fn take(&mut self, data: &Value) -> Vec<u8> {
        let opened = self.hear("file:opened");
        self.take_opened(data, &opened)
    }

    pub(crate) fn take_opened(&mut self, data: &Value, opened: &Value) -> Vec<u8> {
        let first = data["offset"].as_u64().unwrap_or_default();
        let mut bytes = Vec::new();
        loop {
            let expected = first + bytes.len() as u64;
            match self.next() {
                Message::Binary(piece) => {
                    let stream = u32::from_be_bytes(*piece.first_chunk().unwrap());
                    assert_eq!(opened["stream"], stream);
                    let offset = u64::from_be_bytes(piece[4..12].try_into().unwrap());
                    assert_eq!(offset, expected);
                    assert!(piece.len() <= 256 << 10);
                    bytes.extend_from_slice(&piece[12..]);
                }
                Message::Text(text) => {
                    assert!(text.len() <= 256 << 10);
                    let message: Value = serde_json::from_str(&text).unwrap();
                    let content = &message["data"];
                    assert_eq!(content["id"], data["id"], "{text}");
                    if message["type"] == "file:done" {
                        assert_eq!(content["size"], bytes.len());
                        assert_eq!(opened["size"], bytes.len());
                        assert_eq!(content["path"], data["path"]);
                        assert_eq!(content["sha256"], sha256(&bytes));
                        return bytes;
                    }
                    assert_eq!(message["type"], "file:content", "{text}");
                    assert_eq!(content["offset"], expected);
                    let text = content["content"].as_str().unwrap().as_bytes();
                    match content["encoding"].as_str() {
                        Some("utf8") => bytes.extend_from_slice(text),
                        Some("base64") => {
                            bytes.extend(data_encoding::BASE64.decode(text).unwrap());
                        }
                        other => panic!("{other:?}"),
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Whether the connection still answers, and has nothing else to say first.
    pub(crate) fn is_at_ease(&mut self) -> bool {
        self.0.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
        self.hear_any().0 == "pong"
    }
}

pub(crate) fn piece(stream: u32, offset: usize, bytes: &[u8]) -> Message {
    let mut message = stream.to_be_bytes().to_vec();
    message.extend((offset as u64).to_be_bytes());
    message.extend_from_slice(bytes);
    Message::binary(message)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

/// Bytes that repeat nowhere soon, the same for the same seed.
pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
