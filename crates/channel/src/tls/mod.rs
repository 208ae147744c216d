//! TLS: a listener's certificate, and a connection's byte stream with or without it.

mod certificate;
mod identity;
mod socket;

pub use certificate::TlsError;
pub use identity::{Identity, Tls};
pub use socket::{Socket, TlsSocket};
