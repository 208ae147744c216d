//! Sockets: read in messages, wrapped in TLS, or joined so that bytes flow from one to the other.

mod buffered;
mod direction;
mod splice;
mod tls;

pub(crate) use buffered::{BufferedSocket, Reader, Socket, Writer};
pub(crate) use direction::{Direction, Half};
pub(crate) use tls::tls_handshake;
