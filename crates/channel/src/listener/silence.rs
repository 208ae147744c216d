//! Silent mode: `POST /ws/connect` with `X-Notify-Type: silent` (seed 004).

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// A client that asked for silence and vanished must not silence a listener for ever.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// Whether a listener's file notifications are muted, for its connections present and to come.
#[derive(Debug, Default)]
pub(super) struct Silence(Mutex<Option<Instant>>);

impl Silence {
    /// Starts or ends the silence.
    pub(super) fn set(&self, silent: bool, now: Instant) {
        *self.0.lock() = silent.then(|| now + MAX_SILENCE);
    }

    pub(super) fn holds(&self, now: Instant) -> bool {
        self.0.lock().is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_ends_on_request_and_after_ten_minutes() {
        let (silence, now) = (Silence::default(), Instant::now());
        assert!(!silence.holds(now));
        silence.set(true, now);
        assert!(silence.holds(now + MAX_SILENCE - Duration::from_secs(1)));
        assert!(!silence.holds(now + MAX_SILENCE));
        silence.set(false, now);
        assert!(!silence.holds(now));
    }
}
