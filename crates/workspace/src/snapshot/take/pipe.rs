//! The way from the threads that read files to the input of git.

use std::io::Write as _;

use parking_lot::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// How many pieces wait for git: enough that neither waits for the other for long.
const WAITING: usize = 8;

/// How much goes to git at once.
pub(super) const PIECE: usize = 256 << 10;

/// Git takes no more: it has ended.
#[derive(Debug)]
pub(super) struct Broken;

/// What goes through it.
pub(super) enum Piece {
    /// Input of `git fast-import`.
    Bytes(Vec<u8>),
    /// Input of `git mktree`, and who waits for the tree's name.
    Tree(Vec<u8>, oneshot::Sender<String>),
}

/// To git. What is sent in one turn is not mixed with what other threads send.
pub(super) struct Pipe(Mutex<Sender<Piece>>);

/// The whole turn at a pipe.
pub(super) struct Turn<'a>(parking_lot::MutexGuard<'a, Sender<Piece>>);

impl Pipe {
    pub(super) fn new() -> (Self, Receiver<Piece>) {
        let (sender, receiver) = channel(WAITING);
        (Self(Mutex::new(sender)), receiver)
    }

    pub(super) fn turn(&self) -> Turn<'_> {
        Turn(self.0.lock())
    }

    /// Has git make a tree: its name. Blocks.
    pub(super) fn tree(&self, listing: Vec<u8>) -> Result<String, Broken> {
        let (answer, answered) = oneshot::channel();
        let sender = self.0.lock();
        let sent = sender.blocking_send(Piece::Tree(listing, answer));
        sent.map_err(|_| Broken)?;
        answered.blocking_recv().map_err(|_| Broken)
    }
}

impl Turn<'_> {
    /// Sends a piece. Blocks while too many wait.
    pub(super) fn send(&self, piece: Vec<u8>) -> Result<(), Broken> {
        let sent = self.0.blocking_send(Piece::Bytes(piece));
        sent.map_err(|_| Broken)
    }
}

/// Collects small commands to one piece.
pub(super) struct Batch<'a> {
    pipe: &'a Pipe,
    bytes: Vec<u8>,
}

impl<'a> Batch<'a> {
    pub(super) const fn new(pipe: &'a Pipe) -> Self {
        let bytes = Vec::new();
        Self { pipe, bytes }
    }

    /// Adds a command for a blob with these contents.
    pub(super) fn blob(&mut self, contents: &[u8]) -> Result<(), Broken> {
        self.command("blob", contents);
        self.send_if(PIECE)
    }

    fn command(&mut self, command: &str, contents: &[u8]) {
        // Writing to memory does not fail.
        let _ = write!(self.bytes, "{command}\ndata {}\n", contents.len());
        self.bytes.extend_from_slice(contents);
        self.bytes.push(b'\n');
    }

    /// Sends what there is.
    pub(super) fn flush(&mut self) -> Result<(), Broken> {
        self.send_if(1)
    }

    fn send_if(&mut self, least: usize) -> Result<(), Broken> {
        if self.bytes.len() < least {
            return Ok(());
        }
        let next = Vec::with_capacity(PIECE);
        let piece = std::mem::replace(&mut self.bytes, next);
        self.pipe.turn().send(piece)
    }
}
