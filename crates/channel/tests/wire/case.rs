//! A case: what a client sends, the exact bytes that it must receive, and then the end of the stream.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{ANSWER_TIME, open_websocket};
use crate::frames::{CLOSE, FIN, closing, frame, served};
use crate::support::TestServer;

/// Larger pieces of talk are not cut into single bytes.
const SMALL: usize = 512;

/// How long a server is watched that must send nothing yet.
const HUSH: Duration = Duration::from_millis(60);

/// A table with this much wrong is not played to its end: each may have waited in vain.
const ENOUGH: usize = 20;

enum Step {
    Say(Vec<u8>),
    Hear(Vec<u8>),
    Silence,
}

/// One row of the table.
pub(crate) struct Case {
    name: String,
    steps: Vec<Step>,
}

/// How the client's bytes reach the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Delivery {
    /// As it is.
    Whole,
    /// The first piece along with the handshake.
    Early,
    /// In pieces of so many bytes.
    Cut(usize),
}

impl Case {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            steps: Vec::new(),
        }
    }

    /// What the client sends next.
    pub(crate) fn say(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::Say(bytes.into()));
        self
    }

    /// What the client must receive before it continues.
    pub(crate) fn hear(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::Hear(bytes.into()));
        self
    }

    /// The server has not decided yet.
    pub(crate) fn silence(mut self) -> Self {
        self.steps.push(Step::Silence);
        self
    }

    /// The message is sent back as one message.
    pub(crate) fn echoes(self, said: impl Into<Vec<u8>>, opcode: u8, body: &[u8]) -> Self {
        self.say(said).hear(served(opcode, body))
    }

    /// The connection still works: a close is answered with the same.
    pub(crate) fn polite(self) -> Self {
        let body = closing(1000, b"done");
        self.say(frame(FIN | CLOSE, &body))
            .hear(served(CLOSE, &body))
    }

    /// The server ends the connection with this code of its own.
    pub(crate) fn fails(self, code: u16) -> Self {
        let reason = match code {
            1002 => "protocol error",
            1007 => "text that is not UTF-8",
            1008 => "too many control frames or fragments",
            1009 => "the message is larger than maxMessageBytes",
            _ => unreachable!("no code of ours: {code}"),
        };
        self.hear(served(CLOSE, &closing(code, reason.as_bytes())))
    }

    fn largest(&self) -> usize {
        let size = |step: &Step| match step {
            Step::Say(bytes) => bytes.len(),
            Step::Hear(_) | Step::Silence => 0,
        };
        self.steps.iter().map(size).max().unwrap_or_default()
    }

    fn deliveries(&self) -> Vec<Delivery> {
        let mut all = vec![Delivery::Whole, Delivery::Early];
        all.push(Delivery::Cut(if self.largest() <= SMALL {
            1
        } else {
            1021
        }));
        all
    }

    /// Plays the case. What is wrong, if anything is.
    pub(crate) fn play(&self, server: &TestServer, delivery: Delivery) -> Result<(), String> {
        let mut steps = self.steps.iter().peekable();
        let early = match (delivery, steps.peek()) {
            (Delivery::Early, Some(Step::Say(bytes))) => bytes.as_slice(),
            _ => &[],
        };
        if !early.is_empty() {
            steps.next();
        }
        let mut stream = open_websocket(server, early);
        for step in steps {
            match step {
                Step::Say(bytes) => say(&mut stream, bytes, delivery)?,
                Step::Hear(bytes) => hear(&mut stream, bytes)?,
                Step::Silence => silence(&mut stream)?,
            }
        }
        end(&mut stream)
    }
}

fn say(stream: &mut TcpStream, bytes: &[u8], delivery: Delivery) -> Result<(), String> {
    let size = match delivery {
        Delivery::Cut(size) => size,
        Delivery::Whole | Delivery::Early => bytes.len().max(1),
    };
    for piece in bytes.chunks(size) {
        // Everything is read: a reset could discard the server's last bytes.
        let written = stream.write_all(piece);
        written.map_err(|error| format!("{error} while talking"))?;
        if size < bytes.len() && bytes.len() <= SMALL {
            std::thread::sleep(Duration::from_micros(20));
        }
    }
    Ok(())
}

/// Hears exactly this, in time.
pub(crate) fn hear(stream: &mut TcpStream, expected: &[u8]) -> Result<(), String> {
    let start = Instant::now();
    let mut heard = vec![0; expected.len()];
    let mut have = 0;
    while have < heard.len() {
        match stream.read(&mut heard[have..]) {
            Ok(0) => break,
            Ok(read) => have += read,
            Err(error) => return Err(format!("{error} after {}", show(&heard[..have]))),
        }
        if start.elapsed() > ANSWER_TIME {
            break;
        }
    }
    if heard[..have] == *expected {
        return Ok(());
    }
    Err(format!(
        "heard {} instead of {}",
        show(&heard[..have]),
        show(expected)
    ))
}

/// The stream ends: nothing more comes, and it is not reset.
pub(crate) fn end(stream: &mut TcpStream) -> Result<(), String> {
    let mut more = [0; 64];
    match stream.read(&mut more) {
        Ok(0) => Ok(()),
        Ok(read) => Err(format!("heard {} instead of the end", show(&more[..read]))),
        Err(error) => Err(format!("{error} instead of the end")),
    }
}

fn silence(stream: &mut TcpStream) -> Result<(), String> {
    stream.set_read_timeout(Some(HUSH)).unwrap();
    let mut more = [0; 64];
    let read = stream.read(&mut more);
    stream.set_read_timeout(Some(ANSWER_TIME)).unwrap();
    match read {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(()),
        Ok(read) => Err(format!("heard {} instead of nothing", show(&more[..read]))),
        Err(error) => Err(format!("{error} instead of nothing")),
    }
}

fn show(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(48)];
    format!("{} bytes {head:02x?}", bytes.len())
}

/// Plays all cases in every delivery and reports those that failed.
pub(crate) fn table(server: &TestServer, cases: &[Case]) {
    let mut wrong = Vec::new();
    let mut played = 0;
    for case in cases {
        for delivery in case.deliveries() {
            played += 1;
            if let Err(error) = case.play(server, delivery) {
                wrong.push(format!("{} ({delivery:?}): {error}", case.name));
            }
        }
        if wrong.len() >= ENOUGH {
            break;
        }
    }
    println!("{} cases, played {played} times", cases.len());
    assert!(
        wrong.is_empty(),
        "{} of {played} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
