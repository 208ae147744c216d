//! Local errors: I/O errors whose cause is this machine and not the remote host.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use super::target::Host;

/// What is missing on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LocalError {
    /// A network: no route, an interface that is down, a resolver that does not answer.
    Network,
    /// Descriptors, local ports or memory for one more socket. Open sockets keep working.
    Shortage,
}

/// Errors without an `ErrorKind`: descriptors of the process, of the system, and buffers.
#[cfg(unix)]
const SHORTAGES: [i32; 3] = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS];
/// WSAEMFILE and WSAENOBUFS.
#[cfg(windows)]
const SHORTAGES: [i32; 2] = [10_024, 10_055];

/// WSATRY_AGAIN: on Windows the resolver's code is kept; elsewhere only its text is.
const TRY_AGAIN: i32 = 11_002;

/// WSAHOST_NOT_FOUND, WSANO_RECOVERY and WSANO_DATA: what Windows says of every name while it is offline, too.
const NO_SUCH_NAME: [i32; 3] = [11_001, 11_003, 11_004];

/// How the C libraries report that the resolver did not answer (EAI_AGAIN): glibc and macOS, then musl. The standard
/// library passes on only the text.
const TRY_AGAIN_TEXTS: [&str; 2] = [
    "lookup address information: Temporary failure",
    "lookup address information: Try again",
];

/// Addresses for documentation, one of each family: nothing has them, so a route to them is a default route.
const ANYWHERE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

impl LocalError {
    /// The local error that a dial's error reports, if any.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        if let Some(local_error) = error.raw_os_error().and_then(of_code) {
            return Some(local_error);
        }
        match error.kind() {
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => Some(Self::Network),
            // No local port is free, or none of our addresses can be used for it.
            io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory => Some(Self::Shortage),
            _ if error.raw_os_error().is_none() => {
                let text = error.to_string();
                let again = TRY_AGAIN_TEXTS.iter().any(|again| text.contains(again));
                again.then_some(Self::Network)
            }
            _ => None,
        }
    }
}

fn of_code(code: i32) -> Option<LocalError> {
    if cfg!(windows) && code == TRY_AGAIN {
        return Some(LocalError::Network);
    }
    SHORTAGES.contains(&code).then_some(LocalError::Shortage)
}

/// What the resolver said of a name. Without a route Windows says that there is no such name, which nobody can know: then
/// it is that the resolver did not answer.
pub(crate) fn of_lookup(error: io::Error, has_route: impl FnOnce() -> bool) -> io::Error {
    match error.raw_os_error() {
        Some(code) if cfg!(windows) && NO_SUCH_NAME.contains(&code) && !has_route() => {
            io::Error::from_raw_os_error(TRY_AGAIN)
        }
        _ => error,
    }
}

/// Whether this machine has a route to that host. Asks the kernel and sends nothing. It distinguishes our own missing
/// route from the same error of a remote router.
pub(crate) fn has_route(host: &Host) -> bool {
    match host {
        Host::Ip(ip) => leads_to(*ip),
        Host::Name(_) => ANYWHERE.into_iter().any(leads_to),
    }
}

fn leads_to(ip: IpAddr) -> bool {
    let any: IpAddr = match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // The discard port. Connecting a datagram socket only looks up the route.
    match UdpSocket::bind((any, 0)) {
        Ok(socket) => socket.connect((ip, 9)).is_ok(),
        // Without a socket nothing is known, unless the whole family is missing.
        Err(error) => LocalError::of(&error) == Some(LocalError::Shortage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_errors_are_distinguished_from_others() {
        let other = |text: &str| io::Error::other(text.to_owned());
        for (error, expected) in [
            (
                io::ErrorKind::NetworkUnreachable.into(),
                Some(LocalError::Network),
            ),
            (io::ErrorKind::NetworkDown.into(), Some(LocalError::Network)),
            (
                io::ErrorKind::AddrNotAvailable.into(),
                Some(LocalError::Shortage),
            ),
            (
                other("failed to lookup address information: Temporary failure in name resolution"),
                Some(LocalError::Network),
            ),
            (
                other("failed to lookup address information: Name or service not known"),
                None,
            ),
            (io::ErrorKind::ConnectionRefused.into(), None),
            (io::ErrorKind::HostUnreachable.into(), None),
            (io::ErrorKind::TimedOut.into(), None),
        ] {
            assert_eq!(LocalError::of(&error), expected, "{error}");
        }
        for code in SHORTAGES {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(
                LocalError::of(&error),
                Some(LocalError::Shortage),
                "{error}"
            );
        }
    }

    #[test]
    fn that_there_is_no_such_name_is_believed_windows_only_with_a_route() {
        for code in NO_SUCH_NAME {
            let said = |has_route| {
                let error = of_lookup(io::Error::from_raw_os_error(code), || has_route);
                (error.raw_os_error(), LocalError::of(&error))
            };
            let offline = match cfg!(windows) {
                true => (Some(TRY_AGAIN), Some(LocalError::Network)),
                false => (Some(code), None),
            };
            assert_eq!(said(false), offline);
            assert_eq!(said(true), (Some(code), None));
        }
        let other = of_lookup(io::ErrorKind::TimedOut.into(), || panic!("not asked"));
        assert_eq!(other.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn there_is_a_route_to_loopback() {
        assert!(has_route(&Host::Ip(Ipv4Addr::LOCALHOST.into())));
    }
}
