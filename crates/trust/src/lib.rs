//! Certificates in PEM texts, which servers our TLS clients trust, and which files are read for it and for other settings;
//! for Windows also how clients connect on this machine.
//! Independent of the protocol behind the handshake.

mod authorities;
#[cfg(windows)]
mod loopback;
pub mod pem;
mod regular_file;
mod roots;
mod verifier;
#[cfg(windows)]
mod windows;

pub use authorities::{Authorities, Roots, is_marked_as_authority};
#[cfg(windows)]
pub use loopback::refuse_at_once;
pub use regular_file::{open_regular, open_regular_with, read_regular};
pub use roots::{certificates, roots, store};
pub use verifier::{CertificateCheck, Presented, Verifier};
