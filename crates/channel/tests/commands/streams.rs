//! Streams: the frames that an engine's frame sources render, and the binary input for the engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use loopwire_channel::{
    Command, Engine, EngineSpec, Event, FrameBuffer, FrameSource, Input, ListenerOptions, Peer,
    Reply, SourceState, Topic,
};
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::support::{PATIENCE, TOKEN, TestServer, receive};

/// A stream of numbers up to a limit that the test moves.
#[derive(Default)]
struct Numbers {
    limit: AtomicU64,
    rendered: AtomicU64,
    over: AtomicBool,
    dropped: AtomicBool,
}

struct Reader(Arc<Numbers>, bool);

impl FrameSource for Reader {
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
        let numbers = &self.0;
        // Read first: the last number is set before the end.
        let over = numbers.over.load(Ordering::Acquire);
        loop {
            let next = numbers.rendered.load(Ordering::Relaxed);
            if next == numbers.limit.load(Ordering::Acquire) {
                return if over {
                    SourceState::Ended
                } else {
                    SourceState::Idle
                };
            }
            if frames.is_full() {
                return SourceState::More;
            }
            if self.1 {
                frames.binary(&next.to_be_bytes(), &[b"one", b"two"]);
            } else {
                frames.text_with(|out| out.extend_from_slice(format!("{next:0>100}").as_bytes()));
            }
            numbers.rendered.store(next + 1, Ordering::Relaxed);
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.dropped.store(true, Ordering::Release);
    }
}

struct Streams {
    numbers: Arc<Numbers>,
    peers: Mutex<Sender<Peer>>,
    inputs: Mutex<Sender<Input>>,
    left: Mutex<Sender<(Peer, bool)>>,
    kept: Mutex<Vec<Reply>>,
}

impl Engine for Streams {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["test:"],
            ..EngineSpec::EMPTY
        }
    }

    fn brings_id(&self, name: &str) -> bool {
        name != "test:more"
    }

    fn command(&self, command: Command) {
        let named = command.name() == "test:more";
        let (data, reply) = command.read::<Value>("an object").unwrap();
        if named {
            self.peers.lock().send(reply.peer().clone()).unwrap();
            self.kept.lock().push(reply);
            return;
        }
        let peer = reply.peer().clone();
        let binary = peer.binary();
        let reply = reply.with_id(json!("mine"));
        if data.get("inside").is_some() {
            let text = reply.text("test:inside", &json!({"told": "by the source"}));
            peer.attach(Box::new(Once(text)));
        } else {
            reply.send_as("test:begun", &json!({"stream": 7}));
        }
        peer.attach(Box::new(Reader(Arc::clone(&self.numbers), binary)));
        self.peers.lock().send(peer).unwrap();
    }

    fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        assert!(peer.binary());
        if input.starts_with(b"theirs") {
            return Some(input);
        }
        self.inputs.lock().send(input).unwrap();
        None
    }

    fn left(&self, peer: &Peer) {
        let dropped = self.numbers.dropped.load(Ordering::Acquire);
        // A connection may end after its test, when nobody listens any more.
        let _ = self.left.lock().send((peer.clone(), dropped));
    }

    fn metrics(&self, _: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

struct Once(String);

impl FrameSource for Once {
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
        frames.text(self.0.as_bytes());
        SourceState::Ended
    }
}

/// A server with this engine.
struct StreamServer {
    server: TestServer,
    numbers: Arc<Numbers>,
    peers: Receiver<Peer>,
    inputs: Receiver<Input>,
    left: Receiver<(Peer, bool)>,
}

type Client = WebSocket<std::net::TcpStream>;

impl StreamServer {
    fn start() -> Self {
        let numbers = Arc::new(Numbers::default());
        let (peer, peers) = channel();
        let (input, inputs) = channel();
        let (leaver, left) = channel();
        let engine = Streams {
            numbers: Arc::clone(&numbers),
            peers: Mutex::new(peer),
            inputs: Mutex::new(input),
            left: Mutex::new(leaver),
            kept: Mutex::default(),
        };
        Self {
            server: TestServer::start(ListenerOptions::default(), vec![Arc::new(engine)]),
            numbers,
            peers,
            inputs,
            left,
        }
    }

    fn open_client(&self, flags: &str) -> Client {
        let url = format!("ws://{}/?token={TOKEN}{flags}", self.server.address());
        tungstenite::client(url, self.server.connect()).unwrap().0
    }

    fn attached(&self, client: &mut Client, data: &str) -> Peer {
        client
            .send(Message::text(format!(
                r#"{{"type":"test:begin","data":{data}}}"#
            )))
            .unwrap();
        self.peers.recv_timeout(PATIENCE).unwrap()
    }
}

fn receive_text(client: &mut Client) -> String {
    receive(client).into_text().unwrap().to_string()
}

#[test]
fn a_reply_comes_before_its_stream_and_the_stream_in_order_while_events_take_turns() {
    let server = StreamServer::start();
    let mut client = server.open_client("");
    let peer = server.attached(&mut client, "{}");
    let begun = receive_text(&mut client);
    assert!(
        begun.starts_with(r#"{"type":"test:begun","data":{"stream":7,"id":"mine"},"timestamp":""#)
    );
    let (numbers, journal) = (
        Arc::clone(&server.numbers),
        Arc::clone(&server.server.journal),
    );
    let total = 50_000;
    let source = std::thread::spawn(move || {
        for next in 1..=total {
            numbers.limit.store(next, Ordering::Release);
            peer.wake();
            if next % 100 == 0 {
                let text = next.to_string();
                journal
                    .publish_now(&Event::payload(Topic::APP, "between", &text))
                    .unwrap();
            }
        }
        numbers.over.store(true, Ordering::Release);
        peer.wake();
    });
    let (mut number, mut event) = (0, 0);
    while number < total || event < total {
        let text = receive_text(&mut client);
        if text.starts_with('{') {
            event += 100;
            assert_eq!(text, format!(r#"{{"type":"between","payload":"{event}"}}"#));
        } else {
            assert_eq!(text.parse::<u64>().unwrap(), number);
            number += 1;
        }
    }
    source.join().unwrap();
    server.server.until("the ended source is dropped", |_| {
        server.numbers.dropped.load(Ordering::Acquire)
    });
}

#[test]
fn nothing_is_rendered_for_a_client_until_it_reads() {
    let server = StreamServer::start();
    let mut client = server.open_client("&binary=true");
    let peer = server.attached(&mut client, "{}");
    let total = 400_000;
    server.numbers.limit.store(total, Ordering::Release);
    server.numbers.over.store(true, Ordering::Release);
    peer.wake();
    // The kernel's buffers are far smaller than 400,000 frames of 16 bytes: it stops somewhere.
    let mut before = u64::MAX;
    loop {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let now = server.numbers.rendered.load(Ordering::Relaxed);
        if now == before {
            break;
        }
        before = now;
    }
    assert!(
        before < total,
        "everything was rendered for a client that does not read"
    );
    assert!(receive_text(&mut client).contains("test:begun"));
    for number in 0..total {
        let data = receive(&mut client).into_data();
        assert_eq!(data[..8], number.to_be_bytes());
        assert_eq!(&data[8..], b"onetwo");
    }
}

#[test]
fn a_frame_source_can_send_a_reply_in_order_with_its_stream() {
    let server = StreamServer::start();
    let mut client = server.open_client("");
    server.numbers.limit.store(1, Ordering::Release);
    server.attached(&mut client, r#"{"inside":true}"#);
    assert!(receive_text(&mut client).starts_with(r#"{"type":"test:inside""#));
    assert_eq!(receive_text(&mut client).parse::<u64>().unwrap(), 0);
}

#[test]
fn binary_input_goes_to_its_engine_and_stops_the_reading_of_its_connection() {
    let server = StreamServer::start();
    let mut client = server.open_client("&binary=true");
    client
        .send(Message::binary(&b"theirs: nobody's"[..]))
        .unwrap();
    assert!(receive_text(&mut client).contains("BAD_MESSAGE"));
    // Without `binary=true`, a binary message is one for the application.
    let mut plain = server.open_client("");
    plain.send(Message::binary(&b"mine"[..])).unwrap();
    assert!(receive_text(&mut plain).contains("BAD_MESSAGE"));

    let piece = vec![b'x'; 300 << 10];
    for _ in 0..4 {
        client.send(Message::binary(piece.clone())).unwrap();
    }
    client.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
    let mut kept: Vec<Input> = (0..4)
        .map(|_| server.inputs.recv_timeout(PATIENCE).unwrap())
        .collect();
    assert!(kept.iter().all(|input| input.len() == piece.len()));
    client
        .get_ref()
        .set_read_timeout(Some(std::time::Duration::from_millis(200)))
        .unwrap();
    assert!(
        client.read().is_err(),
        "it reads although more than 1 MiB is in flight"
    );
    client.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
    kept.pop();
    assert!(receive_text(&mut client).contains("pong"));
}

#[test]
fn when_a_connection_ends_its_sources_are_dropped_and_the_engine_is_told() {
    let server = StreamServer::start();
    let mut client = server.open_client("");
    let peer = server.attached(&mut client, "{}");
    drop(client);
    let (gone, dropped) = server.left.recv_timeout(PATIENCE).unwrap();
    assert!(dropped, "the engine is told before the sources are dropped");
    assert_eq!(gone.key(), peer.key());
    // All of this is dropped.
    server.numbers.dropped.store(false, Ordering::Release);
    peer.say("hello?");
    peer.attach(Box::new(Reader(Arc::clone(&server.numbers), false)));
    peer.wake();
    assert!(server.numbers.dropped.load(Ordering::Acquire));
}

#[test]
fn two_commands_with_an_id_that_names_something_may_be_in_flight() {
    let server = StreamServer::start();
    let mut client = server.open_client("");
    for _ in 0..2 {
        client
            .send(Message::text(r#"{"type":"test:more","data":{"id":"a"}}"#))
            .unwrap();
        server.peers.recv_timeout(PATIENCE).unwrap();
    }
}

#[test]
fn events_for_callbacks_alone_reach_no_connection() {
    let server = StreamServer::start();
    for flags in ["", "&v=1"] {
        let mut client = server.open_client(flags);
        for (topic, name) in [(Topic::CALLBACK, "callback"), (Topic::APP, "app")] {
            let event = Event::payload(topic, "who", name);
            server.server.journal.publish_now(&event).unwrap();
        }
        let mut text = receive_text(&mut client);
        if text.contains("hello") {
            text = receive_text(&mut client);
        }
        assert!(text.contains(r#""app""#), "{text}");
    }
}
