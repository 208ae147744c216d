//! Sockets: buffered for reading messages, wrapped in TLS, or relayed to each other.

mod buffered;
mod direct;
mod direction;
mod presence;
mod scratch;
mod splice;
mod tls;

pub(crate) use buffered::{BufferedSocket, Reader, Socket, Writer};
pub(crate) use direct::connect;
pub(crate) use direction::{Direction, Half};
pub(crate) use presence::has_failed;
pub(crate) use tls::tls_handshake;
