//! One operation from outside: how far it is, and its end before its time.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::shapes::SnapshotProgress;

/// A handle of one `create` or `restore`. Clones share it.
///
/// Only the latest figures are kept: what a slow reader has missed is out of date.
#[derive(Clone, Debug)]
pub struct SnapshotRun {
    state: Arc<watch::Sender<State>>,
    cancelled: CancellationToken,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// How many reports there have been.
    number: u64,
    latest: Option<SnapshotProgress>,
    ended: bool,
}

impl Default for SnapshotRun {
    fn default() -> Self {
        Self {
            state: Arc::new(watch::Sender::new(State::default())),
            cancelled: CancellationToken::new(),
        }
    }
}

impl SnapshotRun {
    /// Ends the operation before its time, if that is possible.
    pub fn cancel(&self) {
        self.cancelled.cancel();
    }

    /// There will be no further report.
    pub fn end(&self) {
        self.state.send_modify(|state| state.ended = true);
    }

    /// The latest report and its number, once there is one behind the number `seen`. `None` if the operation has ended
    /// and nothing newer is known of it.
    pub async fn next(&self, seen: u64) -> Option<(u64, SnapshotProgress)> {
        let mut state = self.state.subscribe();
        let newer = state.wait_for(|state| state.ended || state.number > seen);
        let newer = newer.await.ok()?;
        let latest = newer.latest.filter(|_| newer.number > seen)?;
        Some((newer.number, latest))
    }

    pub(super) fn report(&self, progress: SnapshotProgress) {
        self.state.send_modify(|state| {
            state.number += 1;
            state.latest = Some(progress);
        });
    }

    /// Waits for [`SnapshotRun::cancel`].
    pub(super) const fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }
}
