//! The heartbeat: pings that check whether the peer is alive, and the decision that it is not.

use std::time::{Duration, Instant};

/// How many pings in a row may go unanswered: two intervals (PROTOCOL section 3).
const MAX_UNANSWERED: u32 = 2;

/// The action at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeartbeatAction {
    /// Send a ping.
    Ping,
    /// The peer has sent nothing for two intervals.
    Missed,
}

/// The heartbeat of one connection. The time is a parameter, so that a test can simulate a suspended host.
#[derive(Debug)]
pub(super) struct Heartbeat {
    interval: Duration,
    ticked: Instant,
    unanswered: u32,
}

impl Heartbeat {
    pub(super) const fn new(interval: Duration, now: Instant) -> Self {
        Self {
            interval,
            ticked: now,
            unanswered: 0,
        }
    }

    /// When the next tick is due.
    pub(super) fn due(&self) -> Instant {
        self.ticked + self.interval
    }

    /// Anything that the peer sends counts as a sign of life.
    pub(super) const fn received(&mut self) {
        self.unanswered = 0;
    }

    /// Called once per interval. `paused` means that this side has stopped reading.
    pub(super) fn tick(&mut self, now: Instant, paused: bool) -> HeartbeatAction {
        let late = now.saturating_duration_since(self.ticked) > self.interval.mul_f32(1.5);
        self.ticked = now;
        if late || paused {
            // The host was suspended, or the answers wait in the kernel: nothing was missed yet. First a new ping is
            // sent.
            self.unanswered = 0;
        }
        if self.unanswered >= MAX_UNANSWERED {
            return HeartbeatAction::Missed;
        }
        self.unanswered += 1;
        HeartbeatAction::Ping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(30);

    #[test]
    fn a_silent_peer_is_missed_after_two_whole_intervals() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, start);
        let actions: Vec<_> = (1..=3)
            .map(|n| heartbeat.tick(start + INTERVAL * n, false))
            .collect();
        assert_eq!(
            actions,
            [
                HeartbeatAction::Ping,
                HeartbeatAction::Ping,
                HeartbeatAction::Missed
            ]
        );
    }

    #[test]
    fn a_peer_that_sends_something_is_never_missed() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, start);
        for n in 1..100 {
            assert_eq!(
                heartbeat.tick(start + INTERVAL * n, false),
                HeartbeatAction::Ping
            );
            heartbeat.received();
        }
    }

    #[test]
    fn after_a_suspended_host_a_ping_is_sent_before_the_peer_is_missed() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, start);
        heartbeat.tick(start + INTERVAL, false);
        heartbeat.tick(start + INTERVAL * 2, false);
        let resumed = start + Duration::from_secs(8 * 3600);
        assert_eq!(heartbeat.tick(resumed, false), HeartbeatAction::Ping);
        assert_eq!(
            heartbeat.tick(resumed + INTERVAL, false),
            HeartbeatAction::Ping
        );
        assert_eq!(
            heartbeat.tick(resumed + INTERVAL * 2, false),
            HeartbeatAction::Missed
        );
    }

    #[test]
    fn while_we_do_not_read_the_peer_is_not_missed() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, start);
        for n in 1..10 {
            assert_eq!(
                heartbeat.tick(start + INTERVAL * n, true),
                HeartbeatAction::Ping
            );
        }
    }
}
