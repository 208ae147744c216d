//! The budget of watches, and why a part is compared at intervals.

use std::time::Instant;

use loopwire_channel::CommandError;

use crate::watcher::change::Notice;
use crate::watcher::system::{OpenDir, Refusal};
use crate::watcher::tree::DirId;

use super::core::Core;
use super::reading::Reading;

/// The least that a system's limit of watches is worth raising to: what editors advise.
const MIN_RAISED: usize = 524_288;

impl Core {
    /// Watches a directory, or has it compared at intervals.
    ///
    /// # Errors
    /// `WATCH_LIMIT` for `Reading::Cover`, if the budget is used up.
    pub(super) fn watch(
        &mut self,
        id: DirId,
        open: &OpenDir,
        reading: Reading,
    ) -> Result<(), CommandError> {
        let refused = if !self.is_over_budget() {
            match self.system.watch(open, self.is_root(id)) {
                Ok(watch) => {
                    self.tree.set_watch(id, watch);
                    None
                }
                Err(refused) => Some(refused),
            }
        } else if reading == Reading::Cover {
            return Err(self.over_budget());
        } else {
            Some(Refusal::Budget)
        };
        // What this machine changes is told at once all the same.
        let polled = open.network().map(Refusal::Network).or(refused);
        if let Some(node) = self.tree.get_mut(id) {
            node.polled = polled;
        }
        if let Some(reason) = polled {
            self.note_reason(reason);
        }
        Ok(())
    }

    pub(super) fn is_over_budget(&self) -> bool {
        self.tree.watches() >= self.budget
    }

    /// Whether the tree may have one more directory. Those that are polled cost memory and time as well.
    pub(super) fn has_room(&self) -> bool {
        self.tree.len() < self.budget.saturating_mul(2)
    }

    /// A directory is left out.
    ///
    /// # Errors
    /// `WATCH_LIMIT` for `Reading::Cover`.
    pub(super) fn no_room(&mut self, reading: Reading) -> Result<(), CommandError> {
        if reading == Reading::Cover {
            return Err(self.over_budget());
        }
        self.note_reason(Refusal::Budget);
        Ok(())
    }

    fn over_budget(&self) -> CommandError {
        let message = format!(
            "there are more directories than may be watched: the limit is {}, and {} are watched; leave some out \
             (ignore), watch a smaller part{}",
            self.budget,
            self.tree.watches(),
            self.remedy(),
        );
        CommandError::new("WATCH_LIMIT", message)
    }

    /// What raises the limit.
    fn remedy(&self) -> String {
        match self
            .system_limit
            .filter(|_| self.budget < self.limits.max_directories)
        {
            Some(limit) => format!(
                ", start without watching (watch: 'onDemand'), or raise the system's limit, of which three quarters \
                 are used: sysctl -w fs.inotify.max_user_watches={}",
                raised(limit),
            ),
            None => ", or start without watching (watch: 'onDemand')".to_owned(),
        }
    }

    /// Says why a part is polled, once for each reason.
    fn note_reason(&mut self, reason: Refusal) {
        if self.reasons.insert(reason) {
            let sentence = self.sentence(reason);
            self.out.push(Notice::Polling(sentence));
        }
        let first = Instant::now() + self.limits.polling;
        self.poll_at = Some(self.poll_at.unwrap_or(first));
    }

    pub(super) fn sentence(&self, reason: Refusal) -> String {
        let interval = format!("{} ms", self.limits.polling.as_millis());
        let watches = self.tree.watches();
        match reason {
            Refusal::NoWatches => format!(
                "the system has no watches left ({watches} are used here, fs.inotify.max_user_watches is {}): what \
                 is beyond is compared every {interval}; sysctl -w fs.inotify.max_user_watches={} raises the limit",
                self.system_limit
                    .map_or_else(|| "unknown".to_owned(), |limit| limit.to_string()),
                raised(self.system_limit.unwrap_or_default()),
            ),
            Refusal::NoInstances => format!(
                "the system has no inotify instance or file descriptor left: all is compared every {interval}; sysctl \
                 -w fs.inotify.max_user_instances=1024, or ulimit -n, raises the limit"
            ),
            Refusal::Budget => format!(
                "the limit of {} watched directories is reached: as many again are compared every {interval}, and \
                 what is beyond is not watched; leave some out (ignore){}",
                self.budget,
                self.remedy(),
            ),
            Refusal::Network(kind) => format!(
                "a part is on a network file system ({kind}), which does not tell what other machines change: it is \
                 compared every {interval}"
            ),
            Refusal::Unable => format!(
                "the system cannot watch some directories: they are compared every {interval}"
            ),
        }
    }
}

/// What the system's limit of watches is to be raised to.
fn raised(limit: usize) -> usize {
    (limit * 4).max(MIN_RAISED)
}
