//! Whether the network of this machine is down: judged from dials to several hosts together.
//!
//! If one host does not answer, that host has failed. If several in a row do not answer and none does, our network
//! has.

use std::io;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::model::{Failure, Host, LocalError, Target, Verdict, has_route};
use crate::upstream::Upstream;

/// How many different hosts must be silent before our own network is suspected. Three: two may belong to one
/// provider, and with more, the first ones would be blamed before the network is suspected.
const HOSTS: usize = 3;

/// The time span within which these failures count together. Thirty seconds: the slowest dial and the longest pause
/// of an outage fit in, so a long outage is still recognised.
const WINDOW: Duration = Duration::from_secs(30);

/// The recent results of dials, shared by all upstreams.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// Hosts that could not be reached since the last success, one entry each, at most [`HOSTS`].
    silent: Mutex<Vec<(Host, Instant)>>,
}

/// What one attempt shows about the network.
enum Reach {
    /// The other end answered, so the network works.
    Reached,
    /// Nothing answered.
    Silent,
    /// The failure does not say.
    Unclear,
}

impl Outage {
    /// A dial or a handshake succeeded.
    pub(crate) fn reached(&self, upstream: &Upstream) {
        if remote(upstream).is_some() {
            self.clear();
        }
    }

    /// Judges a failure together with the recent failures of other upstreams.
    pub(super) fn judge(&self, upstream: &Upstream, failure: &Failure, now: Instant) -> Verdict {
        let verdict = failure.verdict();
        let Some(address) = remote(upstream) else {
            return verdict;
        };
        let local = Verdict::Local(LocalError::Network);
        match reach(failure) {
            Reach::Reached => {
                self.clear();
                verdict
            }
            Reach::Unclear if is_local_after_all(failure, address) => local,
            Reach::Unclear => verdict,
            Reach::Silent => {
                let all = self.note(&address.host, now);
                if all || is_local_after_all(failure, address) {
                    return local;
                }
                verdict
            }
        }
    }

    fn clear(&self) {
        self.silent.lock().clear();
    }

    /// Records that this host is silent. True when enough hosts are.
    fn note(&self, host: &Host, now: Instant) -> bool {
        let mut silent = self.silent.lock();
        silent.retain(|(other, when)| other != host && now.duration_since(*when) < WINDOW);
        if silent.len() == HOSTS {
            // Drop the oldest entry: more are not needed.
            silent.remove(0);
        }
        silent.push((host.clone(), now));
        silent.len() == HOSTS
    }
}

/// The upstream's address if it needs a network: `None` for an upstream on this machine.
fn remote(upstream: &Upstream) -> Option<&Target> {
    upstream
        .address
        .as_ref()
        .filter(|address| match &address.host {
            Host::Ip(ip) => !ip.is_loopback(),
            Host::Name(name) => !name.eq_ignore_ascii_case("localhost"),
        })
}

fn reach(failure: &Failure) -> Reach {
    match failure {
        Failure::DialTimeout => Reach::Silent,
        Failure::Unreachable(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Reach::Reached,
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable => Reach::Silent,
            _ if LocalError::of(error) == Some(LocalError::Network) => Reach::Silent,
            _ => Reach::Unclear,
        },
        // One deadline covered both dial and handshake, so it is unknown which of them was too slow.
        Failure::Silent => Reach::Unclear,
        _ => Reach::Reached,
    }
}

/// Two errors mean something else when this machine has no route to the host.
fn is_local_after_all(failure: &Failure, address: &Target) -> bool {
    let Failure::Unreachable(error) = failure else {
        return false;
    };
    matches!(
        error.kind(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable
    ) && !has_route(&address.host)
}

#[cfg(test)]
#[path = "outage_test.rs"]
mod tests;
