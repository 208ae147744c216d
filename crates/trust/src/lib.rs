//! Which servers our TLS clients trust. Independent of the protocol behind the handshake.

mod roots;
mod verifier;

pub use roots::{certificates, roots, store};
pub use verifier::{Roots, Verifier};
