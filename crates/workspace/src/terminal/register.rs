//! The register of terminals, by their ids and by the stream numbers of their input.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::handle::Terminal;

/// How many ended terminals can still be attached to, and the bytes of their output: as much as a person could want
/// to look at. Beyond that the oldest are removed before their time.
const MAX_KEPT: usize = 256;
const MAX_KEPT_BYTES: usize = 16 << 20;

/// All terminals of a workspace.
#[derive(Default)]
pub(crate) struct Register {
    all: HashMap<String, Terminal>,
    /// By the stream number of their input.
    inputs: HashMap<u32, Terminal>,
    /// The number of terminals that count against `maxTerminals`.
    pub(crate) running: usize,
    /// The number of terminals whose events the callbacks have not taken yet.
    pub(crate) unannounced: usize,
    kept: VecDeque<Kept>,
    kept_bytes: usize,
}

struct Kept {
    since: Instant,
    key: String,
    bytes: usize,
}

impl Register {
    pub(crate) fn get(&self, key: &str) -> Option<&Terminal> {
        self.all.get(key)
    }

    pub(crate) fn of_input(&self, stream: u32) -> Option<&Terminal> {
        self.inputs.get(&stream)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Terminal> {
        self.all.values()
    }

    pub(crate) fn add(&mut self, terminal: &Terminal) {
        self.running += 1;
        self.unannounced += 1;
        self.inputs.insert(terminal.0.streams[2], terminal.clone());
        self.all.insert(terminal.0.key.clone(), terminal.clone());
    }

    /// Removes a terminal. It must be dropped without the lock.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Terminal> {
        let terminal = self.all.remove(key)?;
        self.inputs.remove(&terminal.0.streams[2]);
        Some(terminal)
    }

    /// Keeps a terminal that has ended. Returns those that were removed for it.
    pub(crate) fn keep(&mut self, terminal: &Terminal) -> Vec<Terminal> {
        let bytes = terminal.0.state.lock().ring.size();
        self.kept_bytes += bytes;
        self.kept.push_back(Kept {
            since: Instant::now(),
            key: terminal.0.key.clone(),
            bytes,
        });
        let mut gone = Vec::new();
        while self.kept.len() > MAX_KEPT || self.kept_bytes > MAX_KEPT_BYTES {
            gone.extend(self.evict());
        }
        gone
    }

    /// Removes the terminals that were kept for `time`.
    pub(crate) fn expire(&mut self, time: Option<Duration>) -> Vec<Terminal> {
        let mut gone = Vec::new();
        while let (Some(kept), Some(time)) = (self.kept.front(), time)
            && kept.since.elapsed() >= time
        {
            gone.extend(self.evict());
        }
        gone
    }

    /// When the next terminal is to be removed.
    pub(crate) fn next_expiry(&self, time: Option<Duration>) -> Option<Instant> {
        self.kept.front()?.since.checked_add(time?)
    }

    fn evict(&mut self) -> Option<Terminal> {
        let kept = self.kept.pop_front()?;
        self.kept_bytes -= kept.bytes;
        self.remove(&kept.key)
    }
}
