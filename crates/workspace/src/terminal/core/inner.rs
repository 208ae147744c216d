//! What the handle, the task and the readers of one terminal share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use loopwire_channel::{CommandError, Peer};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::process::{Guardian, SessionId, Signal};
use crate::shapes::{Exit, Source};

use super::input::{InputItem, cost};
use super::state::TerminalState;

pub(crate) struct TerminalInner {
    pub(crate) id: Value,
    /// The id as JSON text: the key in the register, and the id in messages.
    pub(crate) key: String,
    pub(crate) command: Option<String>,
    pub(crate) pty: bool,
    /// The application started it, so that it does not end when the last connection has gone.
    pub(crate) owned: bool,
    /// The stream numbers of stdout, stderr and stdin.
    pub(crate) streams: [u32; 3],
    pub(crate) born: Instant,
    pub(crate) detach: Option<Duration>,
    pub(crate) max_output: Option<u64>,
    pub(crate) state: Mutex<TerminalState>,
    pub(crate) guardian: Arc<Guardian>,
    /// Notified when output may be read again.
    pub(crate) output_room: Notify,
    /// Notified when there is input.
    pub(crate) input_added: Notify,
    /// Notified when there is room for more input.
    pub(crate) input_drained: Notify,
    /// Notified when an attachment was added or removed, or the command is to be ended.
    pub(crate) changed: Notify,
    pub(crate) start: watch::Sender<Option<Result<u32, CommandError>>>,
    pub(crate) end: watch::Sender<Option<Exit>>,
}

impl TerminalInner {
    /// Sends a signal to what is in the foreground. Nothing if the command has ended. On some systems a key stands for the
    /// signal: then that is typed, before what waits already.
    pub(crate) fn send(&self, state: &mut TerminalState, session: SessionId, signal: Signal) {
        let typed = (self.guardian).signal(session, state.pty.as_deref(), signal);
        if let Some(typed) = typed
            && !state.input_closed
        {
            let typed = Bytes::from_static(typed);
            state.input_bytes += cost(&typed);
            state.input.push_front(InputItem::Bytes(typed));
            self.input_added.notify_one();
        }
    }

    /// Orders the command's end, for that reason: SIGTERM, and SIGKILL later.
    pub(crate) fn order(&self, reason: &'static str) {
        let mut state = self.state.lock();
        if state.exit.is_none() {
            state.order.get_or_insert(reason);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Adds output to the ring, and wakes the readers that wait for it.
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
        peers.iter().for_each(Peer::wake);
        if over {
            self.changed.notify_one();
        }
    }

    /// Waits until output may be read from the command.
    pub(crate) async fn has_room(&self) {
        loop {
            let room = self.output_room.notified();
            let patience = {
                let state = self.state.lock();
                if state.has_room() {
                    return;
                }
                let left = state.unattended_since.filter(|_| state.held.is_some());
                left.zip(self.detach)
                    .and_then(|(left, detach)| left.checked_add(detach))
            };
            tokio::select! {
                () = room => {}
                () = until(patience) => self.state.lock().held = None,
            }
        }
    }

    /// Removes an attachment.
    pub(crate) fn detach(&self, key: u64) {
        let last = self.state.lock().detach(key);
        // Another attachment, or none, may run the terminal now.
        self.output_room.notify_waiters();
        if last {
            self.changed.notify_one();
        }
    }

    /// The command has taken so many bytes of binary input: whoever counts them is told.
    pub(crate) fn took(&self, bytes: usize) {
        let mut state = self.state.lock();
        let Some(counted) = &mut state.counted_input else {
            return;
        };
        counted.taken += bytes as u64;
        let peers = state.wake();
        drop(state);
        peers.iter().for_each(Peer::wake);
    }

    /// Removes the attachment of a connection that has broken.
    pub(crate) fn lose(&self, key: u64) {
        let last = self.state.lock().lose(key);
        self.output_room.notify_waiters();
        if last {
            self.changed.notify_one();
        }
    }

    /// Tells those who wait for the start that it failed.
    pub(crate) fn refuse(&self, refusal: &CommandError) {
        self.start.send_if_modified(|start| {
            let unknown = start.is_none();
            start.get_or_insert_with(|| Err(refusal.clone()));
            unknown
        });
    }

    /// The end of a command that was never started, or whose task failed.
    pub(crate) fn failure(&self) -> Exit {
        Exit {
            code: None,
            signal: None,
            duration: self.born.elapsed(),
            reason: Some("failed"),
        }
    }

    /// The command has ended, and its last byte is in the ring.
    pub(crate) fn finish(&self, exit: Exit) {
        let held = {
            let mut state = self.state.lock();
            (state.close_input(), state.pty.take())
        };
        // Released before the end can be seen, and without the lock.
        drop(held);
        let mut state = self.state.lock();
        state.exit = Some(exit.clone());
        state.ring.shrink();
        let peers = state.wake();
        drop(state);
        self.input_drained.notify_waiters();
        peers.iter().for_each(Peer::wake);
        self.end.send_replace(Some(exit));
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Input that checks, when it is dropped, whether the terminal's end can be seen already.
    struct Witness(Weak<TerminalInner>, Arc<AtomicBool>);

    impl AsRef<[u8]> for Witness {
        fn as_ref(&self) -> &[u8] {
            b"input"
        }
    }

    impl Drop for Witness {
        fn drop(&mut self) {
            if let Some(inner) = self.0.upgrade() {
                self.1
                    .store(inner.state.lock().exit.is_some(), Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn nobody_sees_the_end_of_a_terminal_before_what_it_holds_is_given_back() {
        let inner = Arc::new(TerminalInner {
            id: Value::from("t"),
            key: "t".to_owned(),
            command: None,
            pty: false,
            owned: false,
            streams: [1, 2, 3],
            born: Instant::now(),
            detach: None,
            max_output: None,
            state: Mutex::new(TerminalState::new(1 << 10, false, (80, 24))),
            guardian: Arc::default(),
            output_room: Notify::new(),
            input_added: Notify::new(),
            input_drained: Notify::new(),
            changed: Notify::new(),
            start: watch::Sender::new(None),
            end: watch::Sender::new(None),
        });
        let seen = Arc::new(AtomicBool::new(false));
        let witness = Witness(Arc::downgrade(&inner), Arc::clone(&seen));
        let input = InputItem::Bytes(Bytes::from_owner(witness));
        inner.state.lock().queue(input);
        inner.finish(inner.failure());
        assert!(inner.state.lock().input.is_empty());
        assert!(!seen.load(Ordering::Relaxed));
    }
}
