//! Certificates in PEM texts, and which servers our TLS clients trust. Independent of the protocol behind the handshake.

pub mod pem;
mod roots;
mod verifier;

pub use roots::{certificates, roots, store};
pub use verifier::{Roots, Verifier};
