//! What a listener tells the application of itself: its URL, its counters, its connections.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::listener::{ConnectionState, Listener, SlotPlace};
use crate::guard::Reason;
use crate::journal::Bounds;

/// The bound address, with the keys of Node's `server.address()`.
#[derive(Clone, Debug, Serialize)]
pub struct AddressReport {
    /// The bound address.
    pub address: String,
    /// `IPv4` or `IPv6`.
    pub family: &'static str,
    /// The bound port.
    pub port: u16,
}

/// The counters of a listener.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerStats {
    /// How many connections are open.
    pub connections: usize,
    /// How many there were so far, the open ones included.
    pub opened: u64,
    /// How many requests were refused.
    pub refused: u64,
    /// The number of the last event.
    pub seq: u64,
    /// The name of the numbering.
    pub epoch: String,
    /// How many bytes the journal holds.
    pub journal_bytes: usize,
    /// How many events the journal holds.
    pub journal_events: usize,
    /// How many notices of connections were dropped because the application did not take them.
    pub notices_lost: u64,
}

/// A connection, with the keys of a row of `GET /ws/connections`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReport {
    /// `conn-1`, `conn-2`, …
    pub id: String,
    /// Whether the client asked for `loopwire.v1`.
    pub v1: bool,
    /// `sdk` or `sandbox`.
    pub form: &'static str,
    /// Whether it receives events.
    pub active: bool,
    /// `active` or `standby`; nothing where every connection receives.
    pub slot: Option<&'static str>,
    /// Whether changes of files are muted for it.
    pub silent: bool,
    /// What the journal holds of the events that it has not come to; nothing while it receives none.
    pub behind: Option<Behind>,
    /// When it was accepted, in whole milliseconds since 1970.
    pub connected: u64,
    /// When the last ping was sent, in whole milliseconds since 1970.
    pub last_ping: u64,
}

/// How far a connection is behind.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Behind {
    /// How many events.
    pub events: usize,
    /// How many bytes they take in the journal.
    pub bytes: usize,
}

impl From<Bounds> for Behind {
    fn from(Bounds { bytes, events }: Bounds) -> Self {
        Self { events, bytes }
    }
}

impl From<ConnectionState> for ConnectionReport {
    fn from(state: ConnectionState) -> Self {
        Self {
            v1: state.info.v1,
            form: state.info.form(),
            active: state.active,
            slot: state.slot.map(SlotPlace::name),
            silent: state.silent,
            behind: state.behind.map(Behind::from),
            connected: millis(state.opened),
            last_ping: millis(state.last_ping),
            id: state.info.id,
        }
    }
}

fn millis(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Listener {
    /// The bound address.
    #[must_use]
    pub fn address_report(&self) -> AddressReport {
        AddressReport {
            address: self.address.ip().to_string(),
            family: if self.address.is_ipv4() {
                "IPv4"
            } else {
                "IPv6"
            },
            port: self.address.port(),
        }
    }

    /// The URL for clients. It contains the token.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.identity().is_some() {
            "wss"
        } else {
            "ws"
        };
        let address = reachable(self.address);
        format!("{scheme}://{address}/ws/{}", self.token().reveal())
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> ListenerStats {
        let size = self.journal.size();
        let refused = Reason::ALL
            .iter()
            .map(|reason| self.counters.refused(*reason));
        let callback = self.callback.as_ref();
        ListenerStats {
            connections: self.connected(),
            opened: self.opened(),
            refused: refused.sum(),
            seq: self.journal.head(),
            epoch: self.journal.epoch().to_owned(),
            journal_bytes: size.bytes,
            journal_events: size.events,
            notices_lost: callback.map_or(0, |callback| callback.inbox().lost()),
        }
    }
}

/// A client cannot connect to a wildcard address, and the guard would refuse it as a host.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_address_is_reached_on_the_loopback_interface() {
        for (bound, reached) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("127.0.0.2:80", "127.0.0.2:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            let address = bound.parse().expect("an address");
            assert_eq!(reachable(address).to_string(), reached);
        }
    }
}
