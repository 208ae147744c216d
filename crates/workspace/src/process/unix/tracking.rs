//! The mark of the processes that a workspace has started: each of their descendants inherits it, wherever it goes.
//!
//! It is a number, at two places. One is the environment, which is what build servers use; but a program may clear its
//! environment, or write the title of its process over it, as nginx and Redis do. The other is the soft limit of file
//! locks (`RLIMIT_LOCKS`): every process has it, the kernel has not used it since 2.4, children inherit it, and
//! nothing but a call that sets it changes it.

use std::ffi::OsString;
use std::ops::RangeInclusive;

use rand::RngExt as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
#[cfg(target_os = "linux")]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The variable: the ids of all workspaces to which the process belongs, the innermost last, with colons between.
/// There is more than one if a command uses Loopwire itself.
pub(super) const VARIABLE: &str = "LOOPWIRE_TRACKING_ID";

/// All ids have 19 digits, so that none is a part of another one. They are no secret.
const IDS: RangeInclusive<u64> = 1_000_000_000_000_000_000..=i64::MAX.unsigned_abs();

/// The mark of one workspace's processes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrackingId {
    number: u64,
    /// The limit of processes that have nothing to do with this workspace: that of this one. `None` if the system does
    /// not let the limit be set.
    #[cfg(target_os = "linux")]
    usual: Option<u64>,
}

/// What a process's limit says.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Ours,
    Stranger,
    /// Another workspace has set it, perhaps inside of ours. The environment tells more.
    Nothing,
}

impl Default for TrackingId {
    /// A new one.
    fn default() -> Self {
        Self {
            // Not from the thread's own generator, which a thread that ends has no longer.
            number: UnwrapErr(SysRng).random_range(IDS),
            #[cfg(target_os = "linux")]
            usual: usual_limit(),
        }
    }
}

/// The soft limit of this process, if it may be set.
#[cfg(target_os = "linux")]
fn usual_limit() -> Option<u64> {
    let own = getrlimit(Resource::Locks);
    let allows = own.maximum.is_none_or(|maximum| maximum >= *IDS.end());
    // Changes nothing. Systems that only resemble Linux refuse it.
    (allows && setrlimit(Resource::Locks, own).is_ok()).then(|| own.current.unwrap_or(u64::MAX))
}

impl TrackingId {
    #[cfg(test)]
    pub(super) const fn number(self) -> u64 {
        self.number
    }

    /// What the guardian is told: whose processes it kills, and the limit of all others, if limits tell them apart.
    pub(super) fn lines(self) -> String {
        let mark = format!("m{}\n", self.number);
        #[cfg(target_os = "linux")]
        let mark = match self.usual {
            Some(u64::MAX) => format!("{mark}uunlimited\n"),
            Some(usual) => format!("{mark}u{usual}\n"),
            None => mark,
        };
        mark
    }

    /// The variable's value for a command, from what this process has there.
    pub(super) fn value(self, inherited: Option<OsString>) -> OsString {
        let mut value = inherited.unwrap_or_default();
        if !value.is_empty() {
            value.push(":");
        }
        value.push(self.number.to_string());
        value
    }

    /// Whether the variable with this value names the id.
    #[cfg(any(target_os = "linux", test))]
    pub(super) fn is_in(self, value: &[u8]) -> bool {
        let own = self.number.to_string();
        value
            .split(|byte| *byte == b':')
            .any(|id| id == own.as_bytes())
    }

    /// What a process with this soft limit is.
    #[cfg(target_os = "linux")]
    pub(super) fn said_by(self, limit: u64) -> Said {
        if limit == self.number {
            Said::Ours
        // An application may take over what a command prints as its environment. Its own children have the variable
        // then, but not the limit.
        } else if Some(limit) == self.usual {
            Said::Stranger
        } else {
            Said::Nothing
        }
    }

    /// Takes the limit of another workspace from this process: for a guardian in a command of that one. It ends with its
    /// own host, and not before: the other workspace does not find what has wiped its environment in here.
    pub(super) fn unset_limit() {
        #[cfg(target_os = "linux")]
        {
            let maximum = getrlimit(Resource::Locks).maximum;
            let unmarked = Rlimit {
                current: maximum,
                maximum,
            };
            let _ = setrlimit(Resource::Locks, unmarked);
        }
    }

    /// Gives this process the limit, if it can be set: between fork and exec, so nothing is allocated.
    pub(super) fn set_limit(self) {
        #[cfg(target_os = "linux")]
        if self.usual.is_some() {
            let own = getrlimit(Resource::Locks);
            let marked = Rlimit {
                current: Some(self.number),
                maximum: own.maximum,
            };
            // Without it the environment tells.
            let _ = setrlimit(Resource::Locks, marked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_names_all_the_workspaces_that_a_process_is_in() {
        let (outer, inner, other) = (
            TrackingId::default(),
            TrackingId::default(),
            TrackingId::default(),
        );
        let value = inner.value(Some(outer.value(None)));
        let value = value.as_encoded_bytes();
        assert!(inner.is_in(value) && outer.is_in(value) && !other.is_in(value));
        // Whatever was there before.
        let odd = outer.value(Some("x::".into()));
        assert!(outer.is_in(odd.as_encoded_bytes()));
        let longer = format!("{}0", outer.number());
        assert!(!outer.is_in(longer.as_bytes()) && !outer.is_in(b""));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_limit_tells_own_processes_from_strangers() {
        let id = TrackingId {
            number: *IDS.start(),
            usual: Some(u64::MAX),
        };
        assert_eq!(id.said_by(*IDS.start()), Said::Ours);
        assert_eq!(id.said_by(u64::MAX), Said::Stranger);
        assert_eq!(id.said_by(7), Said::Nothing);
        let id = TrackingId { usual: None, ..id };
        assert_eq!(id.said_by(u64::MAX), Said::Nothing);
    }
}
