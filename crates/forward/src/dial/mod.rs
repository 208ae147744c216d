//! Connecting to a target through an upstream: TCP, TLS, and the HTTP or SOCKS5 handshake.

mod connect;
mod eyeballs;
mod own_ports;
mod socks;
mod tunnel;

pub(crate) use own_ports::{OwnPort, leads_back};
pub(crate) use tunnel::{check, reach, tunnel};
