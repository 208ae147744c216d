//! One terminal: a command with its streams, as the rest of the workspace has it in its hands.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use loopwire_channel::{Input, Peer, Refusal};
use parking_lot::Mutex;
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::shapes::{Exit, Source};
use crate::terminal::guardian::Guardian;
use crate::terminal::reader::Reader;
use crate::terminal::signal;
use crate::terminal::spawn;
use crate::terminal::state::{Entry, MAX_INPUT_BYTES, State};

/// Signals that may wait for a command which is just being started.
const MAX_EARLY_SIGNALS: usize = 16;

/// A terminal. Its clones are the same.
#[derive(Clone)]
pub struct Terminal(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) id: Value,
    /// The id as JSON text: what it goes by in the register, and in messages.
    pub(crate) key: String,
    pub(crate) command: Option<String>,
    pub(crate) pty: bool,
    /// The application has started it: it does not end because a viewer has gone.
    pub(crate) owned: bool,
    /// Stream numbers: stdout, stderr, stdin.
    pub(crate) streams: [u32; 3],
    pub(crate) born: Instant,
    pub(crate) detach: Option<Duration>,
    pub(crate) max_output: Option<u64>,
    pub(crate) state: Mutex<State>,
    pub(crate) guardian: Arc<Guardian>,
    /// Output may be read again, or must be for another reason.
    pub(crate) room: Notify,
    /// There is something to go in.
    pub(crate) entered: Notify,
    /// There is room for more to go in.
    pub(crate) drained: Notify,
    /// Somebody came, went, or gave an order.
    pub(crate) changed: Notify,
    pub(crate) start: watch::Sender<Option<Result<u32, Refusal>>>,
    pub(crate) end: watch::Sender<Option<Exit>>,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without its command, which may hold a password.
        f.debug_tuple("Terminal").field(&self.0.id).finish()
    }
}

impl Terminal {
    /// Its id: a text or a number.
    #[must_use]
    pub fn id(&self) -> &Value {
        &self.0.id
    }

    /// Its process id, once it has been started.
    ///
    /// # Errors
    /// Why it could not be.
    pub async fn started(&self) -> Result<u32, Refusal> {
        let mut start = self.0.start.subscribe();
        match start.wait_for(Option::is_some).await {
            Ok(started) => started.clone().unwrap_or_else(|| Err(gone())),
            Err(_) => Err(gone()),
        }
    }

    /// How it ended, once it has, and its last byte is in the ring.
    pub async fn exit(&self) -> Exit {
        let mut end = self.0.end.subscribe();
        let ended = end.wait_for(Option::is_some).await;
        let ended = ended.ok().and_then(|exit| exit.clone());
        ended.unwrap_or_else(|| Exit {
            code: None,
            signal: None,
            duration: self.0.born.elapsed(),
            reason: Some("closed"),
        })
    }

    /// Puts bytes in. What has ended swallows them.
    ///
    /// # Errors
    /// `INPUT_FULL` while the command does not take what it was given before; see [`Terminal::room`].
    pub fn write(&self, bytes: Bytes) -> Result<(), Refusal> {
        let mut state = self.0.state.lock();
        if state.deaf || bytes.is_empty() {
            return Ok(());
        }
        if state.entry_bytes + bytes.len() > MAX_INPUT_BYTES {
            let sentence = "the command has not read its input: 1 MiB waits; send less, or wait";
            return Err(Refusal::new("INPUT_FULL", sentence));
        }
        state.entry_bytes += bytes.len();
        state.entries.push_back(Entry::Bytes(bytes));
        drop(state);
        self.0.entered.notify_one();
        Ok(())
    }

    /// Waits until half of what may wait has gone in.
    pub async fn room(&self) {
        loop {
            let drained = self.0.drained.notified();
            {
                let state = self.0.state.lock();
                if state.deaf || state.entry_bytes <= MAX_INPUT_BYTES / 2 {
                    return;
                }
            }
            drained.await;
        }
    }

    /// Puts binary input in; its connection counts it.
    pub(crate) fn feed(&self, input: Input) {
        let mut state = self.0.state.lock();
        if !state.deaf {
            state.entries.push_back(Entry::Input(input));
            drop(state);
            self.0.entered.notify_one();
        }
    }

    /// Ends the input: pipes are closed, a PTY gets its end-of-file character.
    pub fn eof(&self) {
        let mut state = self.0.state.lock();
        // A PTY can go on after it, and a client that says it for ever must not fill the memory.
        if !state.deaf && !matches!(state.entries.back(), Some(Entry::Eof)) {
            state.entries.push_back(Entry::Eof);
            drop(state);
            self.0.entered.notify_one();
        }
    }

    /// Gives the screen another size. Nothing for a command with pipes.
    pub fn resize(&self, cols: u16, rows: u16) {
        let mut state = self.0.state.lock();
        if self.0.pty {
            state.size = (cols, rows);
            if let Some(master) = &state.master {
                let _ = spawn::resize(master.get_ref(), cols, rows);
            }
        }
    }

    /// Sends a signal by its name, with or without `SIG`, to the command's process group; in a PTY, to the
    /// group in the foreground. Nothing for what has ended.
    ///
    /// # Errors
    /// `UNKNOWN_SIGNAL`.
    pub fn signal(&self, name: &str) -> Result<(), Refusal> {
        let Some(signal) = signal::named(name) else {
            let message = format!(
                "no signal of that name is sent; those that are: {}",
                signal::names()
            );
            return Err(Refusal::new("UNKNOWN_SIGNAL", message));
        };
        let mut state = self.0.state.lock();
        match state.pid {
            Some(pid) => self.0.send(&state, pid, signal),
            None if state.exit.is_none() && state.early.len() < MAX_EARLY_SIGNALS => {
                state.early.push(signal);
            }
            None => {}
        }
        Ok(())
    }

    /// A reader of the output from `from` on, or from the oldest byte that is held. It runs the terminal: the
    /// command pauses for it.
    #[must_use]
    pub fn reader(&self, from: Option<u64>) -> Reader {
        Reader::new(Arc::clone(&self.0), from)
    }
}

impl Inner {
    /// Sends a signal to where it belongs. The leader must not have been waited for: the guardian knows.
    pub(crate) fn send(&self, state: &State, pid: Pid, signal: Signal) {
        self.guardian.with(pid, || {
            let foreground = state.master.as_ref().and_then(|master| {
                let group = rustix::termios::tcgetpgrp(master.get_ref()).ok()?;
                let ours = rustix::process::getsid(Some(group)).is_ok_and(|found| found == pid);
                ours.then_some(group)
            });
            let _ = rustix::process::kill_process_group(foreground.unwrap_or(pid), signal);
        });
    }

    /// Has it end, for that reason: SIGTERM, and SIGKILL later.
    pub(crate) fn order(&self, reason: &'static str) {
        let mut state = self.state.lock();
        if state.exit.is_none() {
            state.order.get_or_insert(reason);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Takes output in, and wakes who waits for it.
    pub(crate) fn push(&self, source: Source, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        let room = (self.max_output).map_or(u64::MAX, |limit| limit.saturating_sub(state.total));
        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        state.total = state.total.saturating_add(bytes.len() as u64);
        state.ring.push(source, &bytes[..taken]);
        let over = taken < bytes.len() && state.order.is_none();
        if over {
            state.order = Some("output");
        }
        let peers = state.wake();
        drop(state);
        peers.iter().for_each(Peer::poke);
        if over {
            self.changed.notify_one();
        }
    }

    /// Waits until output may be read.
    pub(crate) async fn has_room(&self) {
        loop {
            let room = self.room.notified();
            if self.state.lock().has_room() {
                return;
            }
            room.await;
        }
    }

    /// A reading has ended.
    pub(crate) fn leave(&self, key: u64) {
        let last = self.state.lock().leave(key);
        // Who ran the terminal may be another now, or nobody.
        self.room.notify_waiters();
        if last {
            self.changed.notify_one();
        }
    }

    /// Tells who waits for its start that there is none.
    pub(crate) fn refuse(&self, refusal: &Refusal) {
        self.start.send_if_modified(|start| {
            let unknown = start.is_none();
            start.get_or_insert_with(|| Err(refusal.clone()));
            unknown
        });
    }

    /// The end of one that was never started, or of whose end nothing is known.
    pub(crate) fn failure(&self) -> Exit {
        Exit {
            code: None,
            signal: None,
            duration: self.born.elapsed(),
            reason: Some("failed"),
        }
    }

    /// All is over: the last byte is in the ring.
    pub(crate) fn finish(&self, exit: Exit) {
        let mut state = self.state.lock();
        state.exit = Some(exit.clone());
        state.deaf = true;
        let entries = std::mem::take(&mut state.entries);
        state.entry_bytes = 0;
        let master = state.master.take();
        state.ring.shrink();
        let peers = state.wake();
        drop(state);
        drop((entries, master));
        self.drained.notify_waiters();
        peers.iter().for_each(Peer::poke);
        self.end.send_replace(Some(exit));
    }
}

fn gone() -> Refusal {
    Refusal::new("GONE", "the workspace was closed")
}
