//! The certificate authorities of the system, and those of `NODE_EXTRA_CA_CERTS`.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{Error, RootCertStore};

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

/// The valid certificates of a PEM file. Invalid ones are skipped.
#[must_use]
pub fn certificates(path: &Path) -> Vec<CertificateDer<'static>> {
    match CertificateDer::pem_file_iter(path) {
        Ok(found) => found
            .filter_map(|found| {
                found
                    .inspect_err(|error| tracing::debug!("a certificate of {EXTRA}: {error}"))
                    .ok()
            })
            .collect(),
        Err(error) => {
            tracing::debug!("{EXTRA}: {error}");
            Vec::new()
        }
    }
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
