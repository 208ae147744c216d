//! The ports the engine may use and the address they listen on.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::error::ForwardError;

/// The range at first use, if none was set: the documented default.
const DEFAULT_START: u16 = 60_000;
const DEFAULT_COUNT: u16 = 100;
const DEFAULT_FORMAT: &str = "127.0.0.1:%d";

/// A range of ports on one address. Its `Display` is the payload of `settingPortChange`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    format: String,
    ip: IpAddr,
    start: u16,
    count: u16,
}

impl Default for Range {
    fn default() -> Self {
        Self {
            format: DEFAULT_FORMAT.to_owned(),
            ip: IpAddr::from([127, 0, 0, 1]),
            start: DEFAULT_START,
            count: DEFAULT_COUNT,
        }
    }
}

impl Range {
    pub(crate) fn new(format: &str, start: u32, count: u32) -> Result<Self, ForwardError> {
        let host = format.strip_suffix(":%d").ok_or(ForwardError::IpFormat)?;
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let ip = match (host, bare) {
            ("localhost", _) => IpAddr::from([127, 0, 0, 1]),
            (_, Some(v6)) => IpAddr::V6(v6.parse().map_err(|_| ForwardError::IpFormat)?),
            (v4, None) => IpAddr::V4(v4.parse().map_err(|_| ForwardError::IpFormat)?),
        };
        let last = start.checked_add(count).ok_or(ForwardError::PortRange)?;
        if start == 0 || count == 0 || last > 65_536 {
            return Err(ForwardError::PortRange);
        }
        let narrow = |number| u16::try_from(number).map_err(|_| ForwardError::PortRange);
        Ok(Self {
            format: format.to_owned(),
            ip,
            start: narrow(start)?,
            count: narrow(count)?,
        })
    }

    /// The same addresses with other ports.
    pub(crate) fn with_ports(&self, start: u32, count: u32) -> Result<Self, ForwardError> {
        Self::new(&self.format, start, count)
    }

    /// Whether only this machine can reach it. Otherwise everyone on the network could use the upstream.
    pub(crate) const fn is_loopback(&self) -> bool {
        self.ip.is_loopback()
    }

    /// All its ports, in order.
    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> + use<> {
        (self.start..=u16::MAX).take(self.count.into())
    }

    pub(crate) const fn start(&self) -> u16 {
        self.start
    }

    pub(crate) const fn count(&self) -> u16 {
        self.count
    }

    pub(crate) fn format(&self) -> &str {
        &self.format
    }

    pub(crate) fn contains(&self, port: u16) -> bool {
        port >= self.start && u32::from(port) < u32::from(self.start) + u32::from(self.count)
    }

    /// Where the port listens.
    pub(crate) const fn address(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.ip, port)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.start, self.count)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn valid_and_invalid_ranges() {
        let code = |format, start, count| match Range::new(format, start, count) {
            Ok(range) => range.to_string(),
            Err(error) => error.code().to_owned(),
        };
        assert_eq!(code("127.0.0.1:%d", 60_000, 20), "60000:20");
        assert_eq!(code("[::1]:%d", 1, 65_535), "1:65535");
        assert_eq!(code("localhost:%d", 65_535, 1), "65535:1");
        for (format, start, count) in [
            ("127.0.0.1:%d", 0, 1),
            ("127.0.0.1:%d", 1, 0),
            ("127.0.0.1:%d", 65_535, 2),
            ("127.0.0.1:%d", 1, u32::MAX),
        ] {
            assert_eq!(code(format, start, count), "ERR_PORT_RANGE");
        }
        for format in [
            "",
            "%d",
            "127.0.0.1",
            "127.0.0.1:%d:%d",
            "::1:%d",
            "example.com:%d",
        ] {
            assert_eq!(code(format, 1, 1), "ERR_IP_FORMAT", "{format}");
        }
        for format in ["0.0.0.0:%d", "192.168.1.2:%d", "[::]:%d"] {
            assert!(!Range::new(format, 1, 1).unwrap().is_loopback(), "{format}");
        }
        let range = Range::new("[::1]:%d", 65_534, 2).unwrap();
        assert_eq!(range.ports().collect::<Vec<_>>(), [65_534, 65_535]);
        assert_eq!(
            range.with_ports(7, 2).unwrap().address(8).to_string(),
            "[::1]:8"
        );
        let range = Range::new("127.0.0.1:%d", 65_530, 6).unwrap();
        assert!(range.contains(65_535) && range.contains(65_530) && !range.contains(65_529));
    }
}
