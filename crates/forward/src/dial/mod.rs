//! Connecting to a target through an upstream: TCP, TLS, and the HTTP or SOCKS5 handshake.

mod connect;
mod eyeballs;
mod socks;
mod tunnel;

pub(crate) use tunnel::{check, reach, tunnel};
