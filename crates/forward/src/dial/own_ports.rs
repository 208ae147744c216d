//! The local ports of this process and where each leads: an upstream that leads back is not dialled.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, LazyLock};

use parking_lot::{Mutex, RwLock};
use tokio::net::lookup_host;

use crate::model::{Host, Target};
use crate::upstream::Upstream;

/// The local ports of this process by their number. Not the engine's: a port can lead to one of another engine, and
/// from there back.
static PORTS: LazyLock<RwLock<HashMap<u16, Vec<Arc<Entry>>>>> = LazyLock::new(RwLock::default);

#[derive(Debug)]
struct Entry {
    address: SocketAddr,
    /// Where its upstream listens; `None` for `direct`, where every chain ends.
    next: Mutex<Option<Target>>,
}

/// A local port that listens. It is forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct OwnPort(Arc<Entry>);

impl OwnPort {
    pub(crate) fn new(address: SocketAddr, upstream: &Upstream) -> Self {
        let entry = Arc::new(Entry {
            address,
            next: Mutex::new(upstream.address.clone()),
        });
        let mut ports = PORTS.write();
        ports
            .entry(address.port())
            .or_default()
            .push(Arc::clone(&entry));
        Self(entry)
    }

    /// Another upstream has taken over.
    pub(crate) fn lead_to(&self, upstream: &Upstream) {
        *self.0.next.lock() = upstream.address.clone();
    }
}

impl Drop for OwnPort {
    fn drop(&mut self) {
        let mut ports = PORTS.write();
        let number = self.0.address.port();
        if let Some(entries) = ports.get_mut(&number) {
            entries.retain(|entry| !Arc::ptr_eq(entry, &self.0));
            if entries.is_empty() {
                ports.remove(&number);
            }
        }
    }
}

/// Whether an upstream at that address leads, by local ports of this process alone, back to the port `from`, or in
/// a circle.
pub(crate) async fn leads_back(from: Option<SocketAddr>, to: &Target) -> bool {
    // The usual case: no local port has this number, so it is nobody's here.
    let is_own = |number| PORTS.read().contains_key(&number);
    if !is_own(to.port) && from.is_none_or(|from| from.port() != to.port) {
        return false;
    }
    // Each round adds one local port, and there is a finite number of them.
    let mut passed: Vec<SocketAddr> = from.into_iter().collect();
    let mut next = Some(to.clone());
    while let Some(target) = next {
        let known = is_own(target.port) || passed.iter().any(|own| own.port() == target.port);
        let addresses = if known {
            addresses(&target).await
        } else {
            Vec::new()
        };
        let mut found = None;
        for address in addresses {
            if passed.iter().any(|own| reaches(address, *own)) {
                return true;
            }
            found = found.or_else(|| owner(address));
        }
        let Some(entry) = found else { return false };
        passed.push(entry.address);
        next = entry.next.lock().clone();
    }
    false
}

async fn addresses(target: &Target) -> Vec<SocketAddr> {
    match &target.host {
        Host::Ip(ip) => vec![SocketAddr::new(*ip, target.port)],
        // A name that cannot be resolved leads nowhere; dialling it will say so.
        Host::Name(name) => lookup_host((name.as_str(), target.port))
            .await
            .map_or_else(|_| Vec::new(), Iterator::collect),
    }
}

/// The local port that a connection to this address reaches.
fn owner(address: SocketAddr) -> Option<Arc<Entry>> {
    let ports = PORTS.read();
    let mut entries = ports.get(&address.port())?.iter();
    entries
        .find(|entry| reaches(address, entry.address))
        .cloned()
}

/// Whether a connection to this address reaches what listens there.
fn reaches(to: SocketAddr, listens: SocketAddr) -> bool {
    let (ip, own) = (to.ip().to_canonical(), listens.ip().to_canonical());
    // A socket for all IPv6 addresses takes IPv4 as well.
    let family = ip.is_ipv4() == own.is_ipv4() || (own.is_ipv6() && own.is_unspecified());
    to.port() == listens.port()
        && family
        && (ip == own
            // Connecting to "any" address connects to this machine.
            || (ip.is_unspecified() && own.is_loopback())
            || (own.is_unspecified() && is_local(ip)))
}

/// Whether the address is one of this machine: then the system takes the same one for the other end. Nothing is sent.
/// A second IPv4 address of an interface is not recognized.
fn is_local(ip: IpAddr) -> bool {
    let any: IpAddr = match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let source = || {
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect((ip, 1))?;
        socket.local_addr()
    };
    ip.is_loopback() || ip.is_unspecified() || source().is_ok_and(|source| source.ip() == ip)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn an_address_reaches_what_listens_there_by_any_of_its_names() {
        for (to, listens, wanted) in [
            ("127.0.0.1:1", "127.0.0.1:1", true),
            ("127.0.0.1:1", "127.0.0.1:2", false),
            ("127.0.0.2:1", "127.0.0.1:1", false),
            ("0.0.0.0:1", "127.0.0.1:1", true),
            ("127.0.0.2:1", "0.0.0.0:1", true),
            ("[::ffff:127.0.0.1]:1", "127.0.0.1:1", true),
            ("[::1]:1", "127.0.0.1:1", false),
            ("[::1]:1", "0.0.0.0:1", false),
            ("[::1]:1", "[::]:1", true),
            ("127.0.0.1:1", "[::]:1", true),
            ("[::]:1", "[::1]:1", true),
            ("192.0.2.1:1", "0.0.0.0:1", false),
            ("192.0.2.1:1", "127.0.0.1:1", false),
        ] {
            let (to, listens) = (to.parse().unwrap(), listens.parse().unwrap());
            assert_eq!(reaches(to, listens), wanted, "{to} {listens}");
        }
    }

    #[tokio::test]
    async fn chains_are_followed_to_their_end() {
        let target = |text: &str| Target::parse(text, None).unwrap();
        let upstream = |url: &str| Upstream::given(&serde_json::Value::from(url)).unwrap();
        let at = |number: u16| SocketAddr::from(([127, 0, 0, 1], number));
        // Numbers below 1024: no other test has them.
        let first = OwnPort::new(at(11), &upstream("http://localhost:12"));
        let second = OwnPort::new(at(12), &upstream("socks5://127.0.0.1:13"));
        let third = OwnPort::new(at(13), &upstream("http://192.0.2.1:11"));
        assert!(!leads_back(None, &target("127.0.0.1:11")).await);
        assert!(!leads_back(Some(at(14)), &target("127.0.0.1:11")).await);
        assert!(leads_back(Some(at(13)), &target("127.0.0.1:11")).await);
        assert!(leads_back(Some(at(14)), &target("127.0.0.1:14")).await);
        assert!(leads_back(Some(at(14)), &target("localhost:14")).await);
        third.lead_to(&upstream("http://0.0.0.0:12"));
        assert!(leads_back(None, &target("127.0.0.1:11")).await);
        assert!(leads_back(Some(at(14)), &target("127.0.0.1:11")).await);
        third.lead_to(&upstream("direct:"));
        assert!(!leads_back(None, &target("127.0.0.1:11")).await);
        drop((first, second, third));
        assert!(!leads_back(None, &target("127.0.0.1:11")).await);
    }
}
