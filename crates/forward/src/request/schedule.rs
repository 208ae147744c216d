//! The settings of timed rotation and renewal.

use std::time::{Duration, Instant};

/// The default interval of rotation: five minutes.
const DEFAULT_ROTATION: Duration = Duration::from_secs(300);
/// The default interval and limit of renewal: those of the published example.
const DEFAULT_RENEWAL: Duration = Duration::from_secs(60);
const DEFAULT_RENEWALS: u64 = 100;

/// The settings of timed rotation and renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) rotation: Timed,
    pub(crate) renewal: Timed,
    /// After how many renewals a port is removed instead; 0 for never.
    pub(crate) renewals: u64,
}

/// The settings of either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timed {
    pub(crate) enabled: bool,
    pub(crate) interval: Duration,
    /// Only ports that have a configuration.
    pub(crate) only_configured: bool,
}

impl Timed {
    const fn every(interval: Duration) -> Self {
        Self {
            enabled: false,
            interval,
            only_configured: false,
        }
    }

    /// When it is due for a port; `configured` is the answer of the port's configuration, if it has one.
    pub(super) fn due(&self, since: Instant, configured: Option<Option<bool>>) -> Option<Instant> {
        let applies = match configured {
            // A configuration without an answer allows it.
            Some(own) => own.unwrap_or(true),
            None => !self.only_configured,
        };
        (self.enabled && applies).then(|| since + self.interval)
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            rotation: Timed::every(DEFAULT_ROTATION),
            renewal: Timed::every(DEFAULT_RENEWAL),
            renewals: DEFAULT_RENEWALS,
        }
    }
}
