//! The way to a target through an upstream: TCP, TLS, and the handshake of HTTP or SOCKS5.

mod connect;
mod eyeballs;
mod socks;
mod tunnel;

pub(crate) use tunnel::{check, reach, tunnel};
