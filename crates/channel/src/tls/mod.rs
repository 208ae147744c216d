//! TLS: the certificate of a listener, and the byte stream of a connection with or without TLS.

mod certificate;
mod identity;
mod socket;

pub use certificate::TlsError;
pub use identity::{Identity, Tls};
pub use socket::{Socket, TlsSocket};
