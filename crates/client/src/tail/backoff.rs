//! The wait before the next attempt: longer each time, and with a random part, so that clients do not return all at
//! once.

use std::time::Duration;

use rand::RngExt as _;

/// The first wait. It is short, because a listener is mostly just restarted.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait: after a long outage the client must return soon.
const LONGEST: Duration = Duration::from_secs(15);
/// The longest wait that a server may ask for with `Retry-After`.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// The waits between the attempts after a failure.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// A connection succeeded: start again with the shortest wait.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// The next wait: a random part between half and all of the present limit, or what the server asked for if that
    /// is longer.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let full = self.next;
        self.next = (full * 2).min(LONGEST);
        let wait = full.mul_f64(rand::rng().random_range(0.5..=1.0));
        wait.max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_are_spread_and_begin_anew_after_a_success() {
        let mut backoff = Backoff::default();
        let mut full = FIRST;
        for _ in 0..12 {
            let wait = backoff.next(None);
            assert!(wait >= full / 2 && wait <= full, "{wait:?} of {full:?}");
            full = (full * 2).min(LONGEST);
        }
        assert_eq!(full, LONGEST);
        backoff.reset();
        assert!(backoff.next(None) <= FIRST);
        let spread: std::collections::HashSet<_> =
            (0..20).map(|_| Backoff::default().next(None)).collect();
        assert!(spread.len() > 1);
    }

    #[test]
    fn a_server_may_ask_for_a_longer_wait_within_reason() {
        let asked = |seconds| Backoff::default().next(Some(Duration::from_secs(seconds)));
        assert_eq!(asked(7), Duration::from_secs(7));
        assert_eq!(asked(86_400), LONGEST_ASKED);
    }
}
