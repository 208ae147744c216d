//! The handle of one terminal: a command with its streams.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use loopwire_channel::{CommandError, Input, Peer};
use serde_json::Value;

use crate::binary::{HEAD_BYTES, head};
use crate::process::{signal_named, signal_names};
use crate::shapes::Exit;
use crate::terminal::core::{CountedInput, InputItem, MAX_INPUT_BYTES, TerminalInner, cost};
use crate::terminal::view::Reader;

/// After this time without a read, a command counts as one that does not read its input.
const UNREAD_AFTER: Duration = Duration::from_secs(1);

/// How many signals may wait for a command that is being started.
const MAX_EARLY_SIGNALS: usize = 16;

/// Says why input was refused.
const INPUT_FULL: &str =
    "the command does not read its input: 1 MiB is waiting; send less, or wait";

/// Says the same of binary input, and what it means for the input behind it.
pub(crate) const INPUT_CUT_OFF: &str = "the command does not read its input: the binary input of this connection is \
    dropped from here on, until it sends terminal:attach for this terminal";

/// A terminal. Clones share it.
#[derive(Clone)]
pub struct Terminal(pub(crate) Arc<TerminalInner>);

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the command, which may contain a password.
        f.debug_tuple("Terminal").field(&self.0.id).finish()
    }
}

impl Terminal {
    /// The id: a text or a number.
    #[must_use]
    pub fn id(&self) -> &Value {
        &self.0.id
    }

    /// Waits for the start and returns the process id.
    ///
    /// # Errors
    /// Why it could not be started.
    pub async fn started(&self) -> Result<u32, CommandError> {
        let mut start = self.0.start.subscribe();
        match start.wait_for(Option::is_some).await {
            Ok(started) => started.clone().unwrap_or_else(|| Err(gone())),
            Err(_) => Err(gone()),
        }
    }

    /// Waits for the end: the command has ended, and its last byte is in the ring.
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

    /// Writes input. A command that has ended ignores it.
    ///
    /// # Errors
    /// `INPUT_FULL` while the command has not read earlier input; see [`Terminal::room`].
    pub fn write(&self, bytes: Bytes) -> Result<(), CommandError> {
        let mut state = self.0.state.lock();
        if state.input_closed || bytes.is_empty() {
            return Ok(());
        }
        if state.input_bytes + bytes.len() > MAX_INPUT_BYTES {
            return Err(CommandError::new("INPUT_FULL", INPUT_FULL));
        }
        state.input_bytes += cost(&bytes);
        state.queue(InputItem::Bytes(bytes));
        drop(state);
        self.0.input_added.notify_one();
        Ok(())
    }

    /// Waits until at most half of the largest amount of input is waiting.
    pub async fn room(&self) {
        loop {
            let input_drained = self.0.input_drained.notified();
            {
                let state = self.0.state.lock();
                if state.input_closed || state.input_bytes <= MAX_INPUT_BYTES / 2 {
                    return;
                }
            }
            input_drained.await;
        }
    }

    /// Writes binary input, which its connection counts until the command takes it. It is dropped if as much as may wait
    /// for a command waits unread, and so is what the connection sends after it until it attaches anew. False for the
    /// first piece that is dropped: the client must be told.
    pub(crate) fn feed(&self, peer: &Peer, input: Input) -> bool {
        let mut state = self.0.state.lock();
        let (offset, bytes) = (offset(&input), input.len().saturating_sub(HEAD_BYTES));
        let repeated = match &state.counted_input {
            Some(counted) => counted.repeated(offset),
            None => Some(0),
        };
        if state.input_closed {
            let fits = |counted: &&mut CountedInput| offset <= counted.received;
            if let Some(counted) = state.counted_input.as_mut().filter(fits) {
                // It is dropped, and the client need not wait for it.
                counted.received = counted.received.max(offset.saturating_add(bytes as u64));
                counted.taken = counted.received;
                drop(state);
                self.0.took(0);
            }
            return true;
        }
        if repeated.is_some_and(|repeated| repeated > 0 && repeated >= bytes) {
            return true;
        }
        let told = state.is_cut_off(peer);
        let unread = state.input_moved.elapsed() >= UNREAD_AFTER && !state.input.is_empty();
        let full = unread && state.held_bytes + input.len() > MAX_INPUT_BYTES;
        if told || full || input.is_beyond() || repeated.is_none() {
            if !told {
                state.cut_off.push(peer.clone());
            }
            drop(state);
            input.refuse();
            return told;
        }
        let repeated = repeated.unwrap_or_default();
        if let Some(counted) = &mut state.counted_input {
            counted.received += (bytes - repeated) as u64;
        }
        let item = match repeated {
            0 => InputItem::Input(input),
            // Its beginning was here before: after a cut, the end of what the former connection has sent still came.
            _ => InputItem::Held(state.hold_rest(input, repeated)),
        };
        state.queue(item);
        drop(state);
        self.0.input_added.notify_one();
        true
    }

    /// Counts the input that has waited since then at the terminal, so that it no longer holds back its connection.
    pub(crate) fn hold_unread(&self, since: Instant) {
        self.0.state.lock().hold_unread(since);
    }

    /// Ends the input: pipes are closed, a PTY gets its end-of-file character.
    pub fn eof(&self) {
        let mut state = self.0.state.lock();
        let again = |counted: &mut CountedInput| std::mem::replace(&mut counted.ended, true);
        if state.counted_input.as_mut().is_some_and(again) {
            return;
        }
        // A PTY accepts input after it, and a client that repeats it must not fill the memory.
        if !state.input_closed && !matches!(state.input.back(), Some(InputItem::Eof)) {
            state.queue(InputItem::Eof);
            drop(state);
            self.0.input_added.notify_one();
        }
    }

    /// Changes the size of the screen. Does nothing for a command with pipes.
    pub fn resize(&self, cols: u16, rows: u16) {
        let mut state = self.0.state.lock();
        if self.0.pty {
            state.size = (cols, rows);
            if let Some(pty) = &state.pty {
                pty.resize(cols, rows);
            }
        }
    }

    /// Sends a signal by its name, with or without `SIG`, to the command's process group; in a PTY, to the group in
    /// the foreground. Does nothing if the command has ended.
    ///
    /// # Errors
    /// `UNKNOWN_SIGNAL`.
    pub fn signal(&self, name: &str) -> Result<(), CommandError> {
        let Some(signal) = signal_named(name, self.0.pty) else {
            let names = signal_names(self.0.pty);
            let message = format!("unknown signal; these can be sent: {names}");
            return Err(CommandError::new("UNKNOWN_SIGNAL", message));
        };
        let mut state = self.0.state.lock();
        match state.session {
            Some(session) => self.0.send(&mut state, session, signal),
            None if state.exit.is_none() && state.early.len() < MAX_EARLY_SIGNALS => {
                state.early.push(signal);
            }
            None => {}
        }
        Ok(())
    }

    /// Ends the command, as the close of the workspace does: SIGTERM, and SIGKILL later. Does nothing if it has ended.
    pub fn end(&self) {
        self.0.order("closed");
    }

    /// A reader of the output from `from` on, or from the oldest byte that is held. The command pauses for it.
    #[must_use]
    pub fn reader(&self, from: Option<u64>) -> Reader {
        Reader::new(Arc::clone(&self.0), from)
    }
}

/// Where a piece of input begins.
fn offset(input: &Input) -> u64 {
    head(input).map_or(0, |(_, offset)| offset)
}

fn gone() -> CommandError {
    CommandError::new("GONE", "the workspace was closed")
}
