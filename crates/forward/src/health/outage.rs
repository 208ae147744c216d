//! Whether it is the network of this machine that is gone: what dials to different hosts say together.
//!
//! One host that does not answer is that host's fault. Several in a row, and nobody who answers, are ours.

use std::io;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::model::{Failure, Host, LocalError, Target, Verdict, has_route};
use crate::upstream::Upstream;

/// How many different hosts have to be silent before the silence is ours. Three: two may well be one
/// provider's machines, and more would blame half of them before the network is suspected.
const HOSTS: usize = 3;

/// How far apart their failures may lie. Half a minute: the slowest dial and the longest pause of an outage
/// fit in, so that an outage that lasts goes on being seen as one.
const WINDOW: Duration = Duration::from_secs(30);

/// What dials have shown lately. One for all upstreams.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// Hosts that could not be reached since anybody could, one entry each, at most [`HOSTS`] of them.
    silent: Mutex<Vec<(Host, Instant)>>,
}

/// What one attempt showed of the way there.
enum Reach {
    /// Somebody at the other end answered: there is a network.
    Reached,
    /// Nobody did.
    Silent,
    /// It does not tell.
    Unclear,
}

impl Outage {
    /// A dial or a handshake went well.
    pub(crate) fn reached(&self, upstream: &Upstream) {
        if remote(upstream).is_some() {
            self.clear();
        }
    }

    /// What a failure says about the upstream, seen together with all others.
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

    /// Notes that this host is silent. True when enough of them are.
    fn note(&self, host: &Host, now: Instant) -> bool {
        let mut silent = self.silent.lock();
        silent.retain(|(other, when)| other != host && now.duration_since(*when) < WINDOW);
        if silent.len() == HOSTS {
            // The oldest one. More than enough are as good as enough.
            silent.remove(0);
        }
        silent.push((host.clone(), now));
        silent.len() == HOSTS
    }
}

/// Where the upstream is, if a network is needed to get there: this machine always reaches itself.
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
        // A deadline over dial and handshake together leaves open which of them it was.
        Failure::Silent => Reach::Unclear,
        _ => Reach::Reached,
    }
}

/// Two errors mean one thing where there is a route and another where there is none.
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
