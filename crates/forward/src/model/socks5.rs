//! The constants of SOCKS5 (RFC 1928, 1929), for both sides: local ports are servers, dials are clients.

/// The version byte of SOCKS5.
pub(crate) const VERSION: u8 = 5;
/// No authentication.
pub(crate) const NO_AUTH: u8 = 0;
/// No offered method is acceptable.
pub(crate) const NO_METHOD: u8 = 0xff;
/// User name and password (RFC 1929).
pub(crate) const PASSWORD: u8 = 2;
/// The version byte of that negotiation.
pub(crate) const PASSWORD_VERSION: u8 = 1;
/// The command of a tunnel.
pub(crate) const CONNECT: u8 = 1;
/// Address types.
pub(crate) const IPV4: u8 = 1;
/// A name, after one length byte.
pub(crate) const NAME: u8 = 3;
/// Sixteen bytes.
pub(crate) const IPV6: u8 = 4;

/// The SOCKS5 replies that a local port gives.
pub(crate) mod reply {
    pub(crate) const GENERAL: u8 = 1;
    pub(crate) const NOT_ALLOWED: u8 = 2;
    pub(crate) const NETWORK_UNREACHABLE: u8 = 3;
    pub(crate) const HOST_UNREACHABLE: u8 = 4;
    pub(crate) const REFUSED: u8 = 5;
    pub(crate) const COMMAND: u8 = 7;
    pub(crate) const ADDRESS_TYPE: u8 = 8;
}
