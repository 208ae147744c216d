//! Whom TLS trusts: the certificate authorities of the system, and those of `NODE_EXTRA_CA_CERTS`.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{Error, RootCertStore};

/// Where Node looks for further authorities; a program set up for Node needs no second setting.
const EXTRA: &str = "NODE_EXTRA_CA_CERTS";

/// The authorities. Reads files: call it where blocking is fine, and keep what it gives.
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

/// The certificates of a PEM file, as far as they can be read: a broken one spoils no other.
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

/// These certificates as authorities.
///
/// # Errors
/// One of them is none.
pub fn store(certificates: &[CertificateDer<'static>]) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        store.add(certificate.clone())?;
    }
    Ok(store)
}
