//! The state of one terminal behind its one lock: the ring, the attachments, the waiting input.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use loopwire_channel::{Input, Peer};
use tokio::sync::Notify;

use crate::binary::HEAD_BYTES;
use crate::process::{Pty, SessionId, Signal};
use crate::shapes::Exit;
use crate::terminal::output::Ring;

use super::counted::CountedInput;
use super::input::{InputItem, cost};
use super::reading::Attachment;

/// The most that the connection which runs a terminal may be behind before the terminal pauses: enough for many
/// writes to a socket, and far from what the ring overwrites.
const MAX_WINDOW: usize = 256 << 10;

/// The most output that is sent to a connection which acknowledges, before it has. It is what such a client holds in memory,
/// and enough for 10 MiB a second over 100 ms.
const MAX_CREDIT: usize = 1 << 20;

/// Everything of a terminal that changes.
pub(crate) struct TerminalState {
    pub(crate) ring: Ring,
    window: usize,
    /// How much is sent to a connection before it acknowledges, and kept for it. The other half of the ring is for what comes
    /// meanwhile.
    credit: usize,
    /// From where on output is kept for a connection that acknowledges, was the last one, and broke. The command pauses
    /// for it until somebody attaches, or nobody has for `detachMs`.
    pub(crate) held: Option<u64>,
    pub(crate) attachments: Vec<Attachment>,
    /// The attachment that started the command. The terminal pauses for it as long as it is there.
    pub(crate) starter: Option<u64>,
    next_key: u64,
    /// When the last attachment went.
    pub(crate) unattended_since: Option<Instant>,
    /// The command's session, from its start until its leader is waited for.
    pub(crate) session: Option<SessionId>,
    pub(crate) pty: Option<Arc<Pty>>,
    /// Signals that came before the command was started.
    pub(crate) early: Vec<Signal>,
    pub(crate) input: VecDeque<InputItem>,
    /// What the text input that waits counts.
    pub(crate) input_bytes: usize,
    /// What the binary input counts that its connections no longer count.
    pub(crate) held_bytes: usize,
    /// When the command last took a piece of input that waited, or the first one began to wait.
    pub(crate) input_moved: Instant,
    /// The connections of whose binary input a piece was refused. What they send behind it is refused, too, so that the
    /// command reads the beginning of what was sent, never a part with a hole.
    pub(crate) cut_off: Vec<Peer>,
    /// No input is accepted any more: it was ended, or the command has closed it.
    pub(crate) input_closed: bool,
    /// The workspace is closing: the ring takes all output, even if readers lag.
    pub(crate) never_pauses: bool,
    /// Why the command is to be ended.
    pub(crate) order: Option<&'static str>,
    pub(crate) exit: Option<Exit>,
    pub(crate) cwd: String,
    /// By this the client that started it knows it.
    pub(crate) nonce: Option<String>,
    pub(crate) size: (u16, u16),
    pub(crate) started: SystemTime,
    /// All bytes of output so far, including those beyond the limit.
    pub(crate) total: u64,
    /// The places of the binary input, if it is counted.
    pub(crate) counted_input: Option<CountedInput>,
}

impl TerminalState {
    pub(crate) fn new(capacity: usize, pty: bool, size: (u16, u16)) -> Self {
        let ring = if pty { Ring::of_pty } else { Ring::new };
        Self {
            ring: ring(capacity),
            window: (capacity / 4).min(MAX_WINDOW),
            credit: (capacity / 2).min(MAX_CREDIT),
            held: None,
            attachments: Vec::new(),
            starter: None,
            next_key: 0,
            unattended_since: None,
            session: None,
            pty: None,
            early: Vec::new(),
            input: VecDeque::new(),
            input_bytes: 0,
            held_bytes: 0,
            input_moved: Instant::now(),
            cut_off: Vec::new(),
            input_closed: false,
            never_pauses: false,
            order: None,
            exit: None,
            cwd: String::new(),
            nonce: None,
            size,
            started: SystemTime::now(),
            total: 0,
            counted_input: None,
        }
    }

    /// Adds an attachment that reads from `offset` on. It replaces an earlier one of the same connection.
    pub(crate) fn attach(
        &mut self,
        peer: Option<&Peer>,
        offset: u64,
        waker: Option<Arc<Notify>>,
    ) -> u64 {
        self.held = None;
        self.next_key += 1;
        let key = self.next_key;
        if let Some(peer) = peer
            && let Some(last) = self.attachment_of(peer)
        {
            let last = self.attachments.remove(last);
            if self.starter == Some(last.key) {
                self.starter = Some(key);
            }
        }
        self.attachments.push(Attachment {
            key,
            peer: peer.cloned(),
            offset,
            taken: None,
            idle: false,
            waker,
        });
        self.unattended_since = None;
        key
    }

    /// Adds a piece of input.
    pub(crate) fn queue(&mut self, item: InputItem) {
        if self.input.is_empty() {
            self.input_moved = Instant::now();
        }
        self.input.push_back(item);
    }

    /// Removes the next piece of input.
    pub(crate) fn next_input(&mut self) -> Option<InputItem> {
        let item = self.input.pop_front()?;
        self.input_moved = Instant::now();
        Some(item)
    }

    /// Counts binary input here, instead of at its connection.
    pub(crate) fn hold(&mut self, input: Input) -> Bytes {
        self.hold_rest(input, 0)
    }

    /// Does that without the first bytes, which are here already.
    pub(crate) fn hold_rest(&mut self, input: Input, repeated: usize) -> Bytes {
        let bytes = input.take().split_off(HEAD_BYTES + repeated);
        self.held_bytes += cost(&bytes);
        bytes
    }

    /// Does that with all input that has not moved since then.
    pub(crate) fn hold_unread(&mut self, since: Instant) {
        if self.input_moved <= since {
            let input = std::mem::take(&mut self.input);
            let held = input.into_iter().map(|item| match item {
                InputItem::Input(input) => InputItem::Held(self.hold(input)),
                own => own,
            });
            self.input = held.collect();
        }
    }

    /// Whether the binary input of a connection is refused.
    pub(crate) fn is_cut_off(&self, peer: &Peer) -> bool {
        self.cut_off.iter().any(|one| one.key() == peer.key())
    }

    /// Accepts the binary input of a connection again.
    pub(crate) fn readmit(&mut self, peer: &Peer) {
        self.cut_off.retain(|one| one.key() != peer.key());
    }

    pub(crate) fn attachment_of(&self, peer: &Peer) -> Option<usize> {
        let same = |reading: &Attachment| {
            (reading.peer.as_ref()).is_some_and(|one| one.key() == peer.key())
        };
        self.attachments.iter().position(same)
    }

    pub(crate) fn position_of(&self, key: u64) -> Option<usize> {
        self.attachments
            .iter()
            .position(|reading| reading.key == key)
    }

    /// An attachment says up to where it has taken the output, and so runs the terminal. Its earlier connection may be one
    /// that nobody has noticed to be dead.
    pub(crate) fn acknowledges(&mut self, key: u64, taken: u64) {
        if let Some(at) = self.position_of(key) {
            self.attachments[at].taken = Some(taken);
            self.starter = Some(key);
        }
    }

    /// A connection has taken the output up to there. True if it may be sent more.
    pub(crate) fn acknowledge(&mut self, peer: &Peer, offset: u64) -> bool {
        let head = self.ring.head();
        let at = self.attachment_of(peer);
        let taken = at.and_then(|at| self.attachments[at].taken.as_mut());
        let Some(taken) = taken.filter(|taken| **taken < offset) else {
            return false;
        };
        *taken = offset.min(head);
        true
    }

    /// Up to where output may be sent to an attachment that was sent nothing from before `begun`.
    pub(crate) fn allowed(&self, key: u64, begun: u64) -> u64 {
        let at = self.position_of(key);
        let taken = at.and_then(|at| self.attachments[at].taken);
        taken.map_or(u64::MAX, |taken| taken.max(begun) + self.credit as u64)
    }

    /// The connection of an attachment has broken. True if none is left.
    pub(crate) fn lose(&mut self, key: u64) -> bool {
        let at = self.position_of(key);
        let taken = at.and_then(|at| self.attachments[at].taken);
        let last = self.detach(key);
        if last && self.exit.is_none() {
            self.held = taken;
        }
        last
    }

    /// Removes an attachment. True if none is left.
    pub(crate) fn detach(&mut self, key: u64) -> bool {
        let Some(at) = self.position_of(key) else {
            return false;
        };
        self.attachments.remove(at);
        if self.starter == Some(key) {
            self.starter = None;
        }
        if self.attachments.is_empty() {
            self.unattended_since = Some(Instant::now());
        }
        self.attachments.is_empty()
    }

    /// The attachment that runs the terminal: the starter, and once it is gone, the latest one.
    fn runner(&self) -> Option<&Attachment> {
        let starter = self.starter.and_then(|key| self.position_of(key));
        match starter {
            Some(at) => self.attachments.get(at),
            None => self.attachments.last(),
        }
    }

    /// From where on output is needed, and how much may lie behind that before the command pauses.
    fn needed(&self) -> Option<(u64, usize)> {
        match self.runner().filter(|_| !self.never_pauses) {
            Some(runner) => Some(match runner.taken {
                Some(taken) => (taken, self.credit),
                None => (runner.offset, self.window),
            }),
            None => self.held.map(|held| (held, self.credit)),
        }
    }

    /// Whether the command's output is read: not while the attachment that runs the terminal is too far behind.
    pub(crate) fn has_room(&self) -> bool {
        let needed = self.needed();
        self.never_pauses || needed.is_none_or(|(from, most)| self.ring.behind(from) < most)
    }

    /// How many bytes of output may be read now: no more than the ring can take without overwriting what the
    /// attachment that runs the terminal has not read.
    pub(crate) fn read_limit(&self) -> usize {
        let needed = self.needed().filter(|_| !self.never_pauses);
        needed.map_or(usize::MAX, |(from, _)| self.ring.room(from))
    }

    /// The input is closed: what comes and what waits counts as taken, so that the client does not wait for it.
    pub(crate) fn close_input(&mut self) -> VecDeque<InputItem> {
        self.input_closed = true;
        self.input_bytes = 0;
        self.held_bytes = 0;
        if let Some(counted) = &mut self.counted_input {
            counted.taken = counted.received;
        }
        std::mem::take(&mut self.input)
    }

    /// Wakes readers of the application, and returns the idle connections, which must be poked without the lock.
    pub(crate) fn wake(&mut self) -> Vec<Peer> {
        let mut peers = Vec::new();
        for reading in &mut self.attachments {
            if let Some(waker) = &reading.waker {
                waker.notify_one();
            }
            if reading.idle {
                reading.idle = false;
                peers.extend(reading.peer.clone());
            }
        }
        peers
    }
}
