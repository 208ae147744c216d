//! Compares the tree with what is there: after an overflow, and at intervals where the system does not tell.

use std::collections::HashSet;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use crate::watcher::system::Refusal;
use crate::watcher::tree::{DirId, When};

use super::core::Core;
use super::reading::Reading;

/// Comparing may take this part of the time at most: a tenth of one core.
const SHARE: u32 = 10;

/// The shortest time between two comparisons after overflows.
const SHORTEST: Duration = Duration::from_millis(100);

impl Core {
    /// Compares everything, because events were lost.
    pub(super) fn compare_all(&mut self, now: Instant) {
        self.compare_at = None;
        for id in self.tree.ids() {
            self.compare(id, When::Now);
        }
        let took = now.elapsed();
        self.compare_again = Some(Instant::now() + SHORTEST.max(took * SHARE));
    }

    /// Compares what the system does not tell of, and asks the system again to do so.
    pub(super) fn poll(&mut self, now: Instant) {
        self.promote();
        let ids = self.tree.ids().into_iter();
        let polled: Vec<_> = ids.filter(|id| self.is_polled(*id)).collect();
        for id in &polled {
            self.compare(*id, When::Now);
        }
        // Its descriptor says nothing of its path.
        self.suspect |= !polled.is_empty();
        let pause = self.limits.polling.max(now.elapsed() * SHARE);
        self.poll_at = (!polled.is_empty()).then(|| Instant::now() + pause);
        if polled.is_empty() {
            self.reasons.clear();
        }
    }

    /// Tries to watch what could not be watched. Stops at the first refusal.
    fn promote(&mut self) {
        self.system.start();
        for id in self.tree.ids() {
            let refused = self.tree.get(id).and_then(|one| one.polled);
            let fleeting = matches!(
                refused,
                Some(Refusal::NoWatches | Refusal::NoInstances | Refusal::Budget)
            );
            if !fleeting || self.is_over_budget() {
                continue;
            }
            let Some(open) = self.readable(id) else {
                continue;
            };
            match self.system.watch(&open, self.is_root(id)) {
                Ok(watch) => {
                    // It is compared once more, now that it is watched.
                    self.compare(id, When::Now);
                    self.tree.set_watch(id, watch);
                    if let Some(node) = self.tree.get_mut(id) {
                        node.polled = None;
                    }
                }
                Err(_) => return,
            }
        }
        if self.above.is_empty() {
            self.watch_above();
        }
    }

    fn is_polled(&self, id: DirId) -> bool {
        self.tree.get(id).is_some_and(|one| one.polled.is_some())
    }

    /// Compares one directory, without those beneath it: what is different is looked at.
    pub(super) fn compare(&mut self, id: DirId, when: When) {
        let Some(open) = self.readable(id) else {
            return;
        };
        let mut found: Vec<(OsString, bool)> = Vec::new();
        let node = self.tree.get(id);
        let listed = open.list(|name, facts| {
            let entry = node.and_then(|node| node.entries.get(&*name));
            let same = entry.is_some_and(|entry| {
                entry.told && entry.facts.is_same(&facts) && !entry.facts.is_changed(&facts)
            });
            found.push((name, same));
        });
        if listed.is_err() {
            return self.doubt(id);
        }
        let known = node.map_or(0, |node| node.entries.len());
        let same = found.iter().filter(|one| one.1).count();
        let mut missing: Vec<OsString> = Vec::new();
        if same < known {
            let names: HashSet<_> = found.iter().map(|one| &*one.0).collect();
            let entries = node.into_iter().flat_map(|node| node.entries.keys());
            let gone = entries.filter(|name| !names.contains(&***name));
            missing.extend(gone.map(|name| name.to_os_string()));
        }
        for name in missing {
            self.depart(id, &name);
            self.mark(id, &name, when);
        }
        for (name, _) in found.into_iter().filter(|one| !one.1) {
            // Another file may have this name now, and this file another name.
            self.depart(id, &name);
            self.mark(id, &name, when);
        }
        if let Some(node) = self.tree.get_mut(id) {
            node.listed = true;
        }
    }

    /// Reads a directory again that could not be read, or whose watch is gone.
    pub(super) fn reread(&mut self, id: DirId, reading: Reading) {
        let unknown =
            (self.tree.get(id)).is_some_and(|one| one.entries.is_empty() && one.watch.is_none());
        if unknown && reading == Reading::New {
            let _ = self.read(id, Reading::New);
            return;
        }
        let Some(open) = self.readable(id) else {
            return;
        };
        if self.tree.get(id).is_some_and(|one| one.watch.is_none()) {
            let _ = self.watch(id, &open, Reading::New);
        }
        self.read_rules(id, &open);
        self.compare(id, When::Now);
        self.stale_rules.push(id);
    }
}
