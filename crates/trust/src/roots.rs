//! The certificate authorities of the system, and those of `NODE_EXTRA_CA_CERTS`.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::{Error, RootCertStore};

use crate::pem;

/// The variable that names further authorities for Node. A program that is set up for Node needs no second setting.
const EXTRA: &str = "NODE_EXTRA_CA_CERTS";

/// The authorities. Reads files, so it blocks; keep the result.
#[must_use]
pub fn roots() -> RootCertStore {
    let extra = std::env::var_os(EXTRA).filter(|path| !path.is_empty());
    let mut store = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::debug!("certificates of the system: {error}");
    }
    store.add_parsable_certificates(native.certs);
    if let Some(path) = extra {
        store.add_parsable_certificates(certificates(Path::new(&path)));
    }
    store
}

/// The valid certificates of a PEM file. As in Node, what is invalid adds none, and nothing fails.
#[must_use]
pub fn certificates(path: &Path) -> Vec<CertificateDer<'static>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) => {
            tracing::warn!("{EXTRA}: {error}");
            return Vec::new();
        }
    };
    let blocks = pem::blocks(&text).unwrap_or_else(|error| {
        tracing::warn!("{EXTRA}: the file {error}");
        Vec::new()
    });
    let certificates = blocks.iter().filter(|block| block.is_certificate());
    let valid = certificates.filter_map(|block| {
        let read = block.certificate();
        read.inspect_err(|error| tracing::warn!("{EXTRA}: the file {error}"))
            .ok()
    });
    valid.collect()
}

/// A store with these certificates as authorities.
///
/// # Errors
/// One of the certificates is invalid.
pub fn store(certificates: &[CertificateDer<'static>]) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        store.add(certificate.clone())?;
    }
    Ok(store)
}
