//! What the parts of one terminal share: its handle, its task, and those who view it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{CommandError, Peer};
use parking_lot::Mutex;
use rustix::process::Signal;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::shapes::{Exit, Source};
use crate::terminal::process::{Guardian, SessionId};

use super::state::TerminalState;

pub(crate) struct TerminalInner {
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
    pub(crate) state: Mutex<TerminalState>,
    pub(crate) guardian: Arc<Guardian>,
    /// Output may be read again, or must be for another reason.
    pub(crate) output_room: Notify,
    /// There is something to go in.
    pub(crate) input_added: Notify,
    /// There is room for more to go in.
    pub(crate) input_drained: Notify,
    /// Somebody came, went, or gave an order.
    pub(crate) changed: Notify,
    pub(crate) start: watch::Sender<Option<Result<u32, CommandError>>>,
    pub(crate) end: watch::Sender<Option<Exit>>,
}

impl TerminalInner {
    /// Sends a signal to where it belongs. The leader must not have been waited for: the guardian knows.
    pub(crate) fn send(&self, state: &TerminalState, session: SessionId, signal: Signal) {
        let master = state.master.as_ref().map(|master| master.get_ref());
        self.guardian
            .with_session(session, || session.signal_foreground(master, signal));
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
        peers.iter().for_each(Peer::wake);
        if over {
            self.changed.notify_one();
        }
    }

    /// Waits until output may be read.
    pub(crate) async fn has_room(&self) {
        loop {
            let room = self.output_room.notified();
            if self.state.lock().has_room() {
                return;
            }
            room.await;
        }
    }

    /// A reading has ended.
    pub(crate) fn detach(&self, key: u64) {
        let last = self.state.lock().detach(key);
        // Who ran the terminal may be another now, or nobody.
        self.output_room.notify_waiters();
        if last {
            self.changed.notify_one();
        }
    }

    /// Tells who waits for its start that there is none.
    pub(crate) fn refuse(&self, refusal: &CommandError) {
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
        let held = {
            let mut state = self.state.lock();
            state.input_closed = true;
            state.input_bytes = 0;
            (std::mem::take(&mut state.input), state.master.take())
        };
        // Before anybody can see the end, and without the lock.
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

#[cfg(test)]
mod tests {
    use std::sync::Weak;
    use std::sync::atomic::{AtomicBool, Ordering};

    use bytes::Bytes;

    use crate::terminal::core::InputItem;

    use super::*;

    /// Input that looks, when it is dropped, whether the terminal's end can be seen already.
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
            state: Mutex::new(TerminalState::new(1 << 10, (80, 24))),
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
        inner.state.lock().input.push_back(input);
        inner.finish(inner.failure());
        assert!(inner.state.lock().input.is_empty());
        assert!(!seen.load(Ordering::Relaxed));
    }
}
