//! Silent mode: `POST /ws/connect` with `X-Notify-Type: silent`.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The limit of the silent mode: a client that asked for it and vanished must not silence a listener forever.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// Whether the file notifications of a listener are muted, for all its connections.
#[derive(Debug, Default)]
pub(super) struct Silence(Mutex<Option<Instant>>);

impl Silence {
    /// Starts or ends the silent mode.
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
    fn the_silent_mode_ends_on_request_and_after_ten_minutes() {
        let (silence, now) = (Silence::default(), Instant::now());
        assert!(!silence.holds(now));
        silence.set(true, now);
        assert!(silence.holds(now + MAX_SILENCE - Duration::from_secs(1)));
        assert!(!silence.holds(now + MAX_SILENCE));
        silence.set(false, now);
        assert!(!silence.holds(now));
    }
}
