//! The silent mode of a listener: whether it is on, and how long.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;
use crate::silence::SilentSpans;

/// The limit of the silent mode: a client that asked for it and vanished must not silence a listener forever.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// Whether mutable events are muted for all connections of a listener.
#[derive(Debug, Default)]
pub(super) struct SilentMode {
    spans: Arc<SilentSpans>,
    running: Mutex<Option<Running>>,
}

/// The silent mode while it is on.
#[derive(Debug)]
struct Running {
    until: Instant,
    /// Cancelled when it ends.
    over: CancellationToken,
}

impl SilentMode {
    /// Where the listener was silent.
    pub(super) const fn spans(&self) -> &Arc<SilentSpans> {
        &self.spans
    }

    pub(super) fn is_on(&self) -> bool {
        self.running.lock().is_some()
    }

    /// Begins, or prolongs. If it has begun: what is cancelled at its end.
    pub(super) fn begin(&self, journal: &Journal) -> Option<CancellationToken> {
        let until = Instant::now() + MAX_SILENCE;
        let mut running = self.running.lock();
        if let Some(running) = &mut *running {
            running.until = until;
            return None;
        }
        self.spans.begin(journal);
        let over = CancellationToken::new();
        *running = Some(Running {
            until,
            over: over.clone(),
        });
        Some(over)
    }

    /// Ends, unless it goes on at this time; without a time, in any case. True if it has ended.
    pub(super) fn end(&self, journal: &Journal, now: Option<Instant>) -> bool {
        let mut running = self.running.lock();
        let is_over = |running: &mut Running| now.is_none_or(|now| running.until <= now);
        let Some(ended) = running.take_if(is_over) else {
            return false;
        };
        ended.over.cancel();
        self.spans.end(journal);
        true
    }

    /// The time at which it ends by itself.
    pub(super) fn until(&self) -> Option<Instant> {
        self.running.lock().as_ref().map(|running| running.until)
    }
}
