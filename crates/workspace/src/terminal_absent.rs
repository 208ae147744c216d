//! Replaces the terminals on systems other than Unix: every request for one is refused.

use std::convert::Infallible;

use bytes::Bytes;
use loopwire_channel::{Command, CommandError, Input, Peer};
use serde_json::Value;

use crate::context::WorkspaceContext;
use crate::options::Options;
use crate::shapes::{Chunk, Exit, Spawn};

/// The terminals of a workspace, of which there are none.
#[derive(Clone, Debug)]
pub struct Terminals;

/// A terminal, of which there is none.
#[derive(Clone, Debug)]
pub struct Terminal(Infallible);

/// A reader of a terminal, of which there is none.
#[derive(Debug)]
pub struct Reader(Infallible);

fn refusal() -> CommandError {
    CommandError::new(
        "NOT_ENABLED",
        "this version has no terminals on this system",
    )
}

impl Terminals {
    /// No terminals.
    #[must_use]
    pub(crate) fn new(_context: WorkspaceContext, _options: &Options) -> Self {
        Self
    }

    /// The number of commands that run.
    #[must_use]
    pub const fn running(&self) -> usize {
        0
    }

    /// The guardian's process id: there is none.
    #[must_use]
    pub const fn guardian(&self) -> Option<u32> {
        None
    }

    /// A connection has ended.
    pub const fn left(&self, _peer: &Peer) {}

    /// The terminal with that id: there is none.
    #[must_use]
    pub const fn find(&self, _id: &Value) -> Option<Terminal> {
        None
    }

    /// Starts a command.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    pub fn spawn(&self, _spawn: Spawn) -> Result<Terminal, CommandError> {
        Err(refusal())
    }

    /// Whether a command of that name brings a new id.
    #[must_use]
    pub fn brings_id(name: &str) -> bool {
        matches!(name, "terminal:execute" | "terminal:list")
    }

    /// Refuses a command.
    pub fn command(&self, command: Command) {
        let refusal = refusal();
        command.refuse(&refusal.code, &refusal.message);
    }

    /// There is no input.
    #[must_use]
    pub const fn owns(&self, _stream: u32) -> bool {
        false
    }

    /// Gives binary input back.
    #[must_use]
    pub const fn input(&self, _peer: &Peer, input: Input) -> Option<Input> {
        Some(input)
    }

    /// There is nothing to end.
    pub async fn close(&self) {}

    /// There is nothing to kill.
    pub const fn kill(&self) {}
}

impl Terminal {
    /// The id.
    #[must_use]
    pub const fn id(&self) -> &Value {
        match self.0 {}
    }

    /// The process id.
    ///
    /// # Errors
    /// None.
    pub async fn started(&self) -> Result<u32, CommandError> {
        match self.0 {}
    }

    /// The end.
    pub async fn exit(&self) -> Exit {
        match self.0 {}
    }

    /// Writes input.
    ///
    /// # Errors
    /// None.
    pub fn write(&self, _bytes: Bytes) -> Result<(), CommandError> {
        match self.0 {}
    }

    /// Waits for room for input.
    pub async fn room(&self) {
        match self.0 {}
    }

    /// Ends the input.
    pub const fn eof(&self) {
        match self.0 {}
    }

    /// Changes the size of the screen.
    pub const fn resize(&self, _cols: u16, _rows: u16) {
        match self.0 {}
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// None.
    pub const fn signal(&self, _name: &str) -> Result<(), CommandError> {
        match self.0 {}
    }

    /// Ends it.
    pub const fn end(&self) {
        match self.0 {}
    }

    /// A reader of the output.
    #[must_use]
    pub const fn reader(&self, _from: Option<u64>) -> Reader {
        match self.0 {}
    }
}

impl Reader {
    /// The next output.
    pub async fn read(&mut self) -> Option<Chunk> {
        match self.0 {}
    }
}
