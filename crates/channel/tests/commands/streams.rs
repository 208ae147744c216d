//! Streams: what an engine's taps render into a connection, and the binary input that comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use loopwire_channel::{
    Bounds, Command, Engine, EngineSpec, Event, FrameBuffer, FrameSource, Input, Journal, Listener,
    ListenerOptions, Peer, Reply, SourceState, Token, Topic, bind,
};
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::house::PATIENCE;

const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

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
        // Read first: what is over was given its last number before.
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
            let text = reply.text("test:inside", &json!({"told": "by the tap"}));
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
        self.left.lock().send((peer.clone(), dropped)).unwrap();
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

struct Stage {
    runtime: Option<tokio::runtime::Runtime>,
    listener: Arc<Listener>,
    journal: Arc<Journal>,
    numbers: Arc<Numbers>,
    peers: Receiver<Peer>,
    inputs: Receiver<Input>,
    left: Receiver<(Peer, bool)>,
}

type Client = WebSocket<std::net::TcpStream>;

impl Stage {
    fn set() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
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
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            None,
            vec![Arc::new(engine)],
            ListenerOptions::default(),
        );
        Self {
            runtime: Some(runtime),
            listener: listener.unwrap(),
            journal,
            numbers,
            peers,
            inputs,
            left,
        }
    }

    fn visit(&self, flags: &str) -> Client {
        let address = self.listener.address();
        let stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let url = format!("ws://{address}/?token={TOKEN}{flags}");
        tungstenite::client(url, stream).unwrap().0
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

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn hear(client: &mut Client) -> Message {
    loop {
        match client.read().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

fn hear_text(client: &mut Client) -> String {
    hear(client).into_text().unwrap().to_string()
}

#[test]
fn a_reply_comes_before_its_stream_and_the_stream_in_order_while_events_take_turns() {
    let stage = Stage::set();
    let mut client = stage.visit("");
    let peer = stage.attached(&mut client, "{}");
    let begun = hear_text(&mut client);
    assert!(
        begun.starts_with(r#"{"type":"test:begun","data":{"stream":7,"id":"mine"},"timestamp":""#)
    );
    let (numbers, journal) = (Arc::clone(&stage.numbers), Arc::clone(&stage.journal));
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
        let text = hear_text(&mut client);
        if text.starts_with('{') {
            event += 100;
            assert_eq!(text, format!(r#"{{"type":"between","payload":"{event}"}}"#));
        } else {
            assert_eq!(text.parse::<u64>().unwrap(), number);
            number += 1;
        }
    }
    source.join().unwrap();
    let start = std::time::Instant::now();
    while !stage.numbers.dropped.load(Ordering::Acquire) {
        assert!(start.elapsed() < PATIENCE, "a tap that is over stays");
        std::thread::yield_now();
    }
}

#[test]
fn a_client_that_takes_nothing_is_rendered_nothing_and_the_rest_comes_when_it_does() {
    let stage = Stage::set();
    let mut client = stage.visit("&binary=true");
    let peer = stage.attached(&mut client, "{}");
    let total = 400_000;
    stage.numbers.limit.store(total, Ordering::Release);
    stage.numbers.over.store(true, Ordering::Release);
    peer.wake();
    // The kernel's buffers are far smaller than 400,000 frames of 16 bytes: it stops somewhere.
    let mut before = u64::MAX;
    loop {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let now = stage.numbers.rendered.load(Ordering::Relaxed);
        if now == before {
            break;
        }
        before = now;
    }
    assert!(before < total, "all of it was rendered for nobody");
    assert!(hear_text(&mut client).contains("test:begun"));
    for number in 0..total {
        let data = hear(&mut client).into_data();
        assert_eq!(data[..8], number.to_be_bytes());
        assert_eq!(&data[8..], b"onetwo");
    }
}

#[test]
fn a_reply_can_be_said_by_a_tap_in_its_place() {
    let stage = Stage::set();
    let mut client = stage.visit("");
    stage.numbers.limit.store(1, Ordering::Release);
    stage.attached(&mut client, r#"{"inside":true}"#);
    assert!(hear_text(&mut client).starts_with(r#"{"type":"test:inside""#));
    assert_eq!(hear_text(&mut client).parse::<u64>().unwrap(), 0);
}

#[test]
fn binary_input_goes_to_the_engine_it_belongs_to_and_holds_its_reader_back() {
    let stage = Stage::set();
    let mut client = stage.visit("&binary=true");
    client
        .send(Message::binary(&b"theirs: nobody's"[..]))
        .unwrap();
    assert!(hear_text(&mut client).contains("BAD_MESSAGE"));
    // A connection that has not asked for it says binary things to the application.
    let mut plain = stage.visit("");
    plain.send(Message::binary(&b"mine"[..])).unwrap();
    assert!(hear_text(&mut plain).contains("BAD_MESSAGE"));

    let piece = vec![b'x'; 300 << 10];
    for _ in 0..4 {
        client.send(Message::binary(piece.clone())).unwrap();
    }
    client.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
    let mut kept: Vec<Input> = (0..4)
        .map(|_| stage.inputs.recv_timeout(PATIENCE).unwrap())
        .collect();
    assert!(kept.iter().all(|input| input.len() == piece.len()));
    client
        .get_ref()
        .set_read_timeout(Some(std::time::Duration::from_millis(200)))
        .unwrap();
    assert!(
        client.read().is_err(),
        "read on with more than 1 MiB under way"
    );
    client.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
    kept.pop();
    assert!(hear_text(&mut client).contains("pong"));
}

#[test]
fn one_who_leaves_takes_its_taps_along_and_the_engine_is_told() {
    let stage = Stage::set();
    let mut client = stage.visit("");
    let peer = stage.attached(&mut client, "{}");
    drop(client);
    let (gone, dropped) = stage.left.recv_timeout(PATIENCE).unwrap();
    assert!(dropped, "the engine is told before the taps are gone");
    assert_eq!(gone.key(), peer.key());
    // Nothing of this reaches anybody, and nothing stays.
    stage.numbers.dropped.store(false, Ordering::Release);
    peer.say("hello?");
    peer.attach(Box::new(Reader(Arc::clone(&stage.numbers), false)));
    peer.wake();
    assert!(stage.numbers.dropped.load(Ordering::Acquire));
}

#[test]
fn an_id_that_names_something_may_be_under_way_twice() {
    let stage = Stage::set();
    let mut client = stage.visit("");
    for _ in 0..2 {
        client
            .send(Message::text(r#"{"type":"test:more","data":{"id":"a"}}"#))
            .unwrap();
        stage.peers.recv_timeout(PATIENCE).unwrap();
    }
}

#[test]
fn what_is_for_callbacks_alone_reaches_no_connection() {
    let stage = Stage::set();
    for flags in ["", "&v=1"] {
        let mut client = stage.visit(flags);
        for (topic, name) in [(Topic::CALLBACK, "callback"), (Topic::APP, "app")] {
            let event = Event::payload(topic, "who", name);
            stage.journal.publish_now(&event).unwrap();
        }
        let mut text = hear_text(&mut client);
        if text.contains("hello") {
            text = hear_text(&mut client);
        }
        assert!(text.contains(r#""app""#), "{text}");
    }
}
