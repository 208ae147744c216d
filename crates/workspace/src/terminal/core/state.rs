//! What is known of one terminal, behind its one lock: its ring, who reads it, what waits to go in.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use loopwire_channel::Peer;
use rustix::process::Signal;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

use crate::shapes::Exit;
use crate::terminal::output::Ring;
use crate::terminal::process::SessionId;

use super::input::InputItem;
use super::reading::Attachment;

/// How far the connection that runs a terminal may be behind before the terminal pauses, at the most: enough for
/// many turns of a socket, and far from what the ring overwrites.
const MAX_WINDOW: usize = 256 << 10;

/// Our end of the terminal of a command, for those who change it.
pub(crate) type Master = Arc<AsyncFd<std::os::fd::OwnedFd>>;

/// All that changes.
pub(crate) struct TerminalState {
    pub(crate) ring: Ring,
    window: usize,
    pub(crate) attachments: Vec<Attachment>,
    /// The one for which the terminal pauses first.
    pub(crate) starter: Option<u64>,
    next_key: u64,
    /// Since when nobody has been there, if somebody was.
    pub(crate) unattended_since: Option<Instant>,
    /// The command's session, from its start until its leader is waited for.
    pub(crate) session: Option<SessionId>,
    pub(crate) master: Option<Master>,
    /// Signals that came before there was anything to send them to.
    pub(crate) early: Vec<Signal>,
    pub(crate) input: VecDeque<InputItem>,
    pub(crate) input_bytes: usize,
    /// Nothing goes in any more: an end was asked for, or the command has closed its input.
    pub(crate) input_closed: bool,
    /// The ring takes all, whoever lags: the workspace closes.
    pub(crate) never_pauses: bool,
    /// Why it is to end.
    pub(crate) order: Option<&'static str>,
    pub(crate) exit: Option<Exit>,
    pub(crate) cwd: String,
    pub(crate) size: (u16, u16),
    pub(crate) started: SystemTime,
    /// All bytes there have been, those beyond the limit included.
    pub(crate) total: u64,
}

impl TerminalState {
    pub(crate) fn new(capacity: usize, size: (u16, u16)) -> Self {
        Self {
            ring: Ring::new(capacity),
            window: (capacity / 4).min(MAX_WINDOW),
            attachments: Vec::new(),
            starter: None,
            next_key: 0,
            unattended_since: None,
            session: None,
            master: None,
            early: Vec::new(),
            input: VecDeque::new(),
            input_bytes: 0,
            input_closed: false,
            never_pauses: false,
            order: None,
            exit: None,
            cwd: String::new(),
            size,
            started: SystemTime::now(),
            total: 0,
        }
    }

    /// Lets somebody read from `offset` on. The same connection reads once: its earlier reading ends.
    pub(crate) fn attach(
        &mut self,
        peer: Option<&Peer>,
        offset: u64,
        waker: Option<Arc<Notify>>,
    ) -> u64 {
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
            idle: false,
            waker,
        });
        self.unattended_since = None;
        key
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

    /// Ends a reading. True if nobody is left.
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

    /// Who runs the terminal: the starter, and once it is gone, the latest to attach.
    fn runner(&self) -> Option<&Attachment> {
        let starter = self.starter.and_then(|key| self.position_of(key));
        match starter {
            Some(at) => self.attachments.get(at),
            None => self.attachments.last(),
        }
    }

    /// Whether the command's output is read: not while who runs the terminal is too far behind.
    pub(crate) fn has_room(&self) -> bool {
        let behind = |reading: &Attachment| self.ring.behind(reading.offset);
        self.never_pauses || self.runner().map_or(0, behind) < self.window
    }

    /// Those who wait for something new: the peers to be poked once the lock is free. Readers are rung here.
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
