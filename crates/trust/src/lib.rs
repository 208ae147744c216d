//! Whom a TLS client of ours trusts. It knows nothing of what is spoken behind the handshake.

mod roots;
mod verifier;

pub use roots::{certificates, roots, store};
pub use verifier::{Roots, Verifier};
