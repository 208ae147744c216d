//! The certificate authorities of the system, and those of `NODE_EXTRA_CA_CERTS`.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::{Error, RootCertStore};

use crate::pem;
use crate::regular_file::{open_regular, read_regular};

/// The variable that names further authorities for Node. A program that is set up for Node needs no second setting.
const EXTRA: &str = "NODE_EXTRA_CA_CERTS";

/// The variables that name the system's authorities in place of its own files, as OpenSSL has them.
const FILE: &str = "SSL_CERT_FILE";
const DIRECTORY: &str = "SSL_CERT_DIR";

/// The largest file of authorities. 16 MiB: fifty times the list of a large system, and a bound for a wrong path.
const MAX_PEM_BYTES: u64 = 16 << 20;

/// The authorities. Reads files, so it blocks; keep the result.
#[must_use]
pub fn roots() -> RootCertStore {
    let extra = std::env::var_os(EXTRA).filter(|path| !path.is_empty());
    let mut store = RootCertStore::empty();
    let native = native();
    for error in &native.errors {
        tracing::debug!("certificates of the system: {error}");
    }
    store.add_parsable_certificates(native.certs);
    if let Some(path) = extra {
        store.add_parsable_certificates(certificates(Path::new(&path)));
    }
    store
}

/// The authorities of the system. A file that is no regular one is left out: reading a named pipe might never end.
fn native() -> rustls_native_certs::CertificateResult {
    let file = std::env::var_os(FILE).filter(|path| !path.is_empty());
    let Some(error) = file.and_then(|path| open_regular(Path::new(&path)).err()) else {
        return load();
    };
    tracing::debug!("{FILE}: {error}");
    let directory = std::env::var_os(DIRECTORY).filter(|path| !path.is_empty());
    rustls_native_certs::load_certs_from_paths(None, directory.as_ref().map(Path::new))
}

#[cfg(not(windows))]
fn load() -> rustls_native_certs::CertificateResult {
    rustls_native_certs::load_native_certs()
}

/// On Windows the library panics at a certificate whose uses cannot be read: then there are none listed.
#[cfg(windows)]
fn load() -> rustls_native_certs::CertificateResult {
    std::panic::catch_unwind(rustls_native_certs::load_native_certs).unwrap_or_else(|_| {
        tracing::warn!("the list of the system's certificates could not be read");
        rustls_native_certs::CertificateResult::default()
    })
}

/// Whether the environment names other authorities in place of the system's.
#[cfg(windows)]
pub(crate) fn replaces_system() -> bool {
    [FILE, DIRECTORY]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|path| !path.is_empty()))
}

/// The valid certificates of a PEM file. As in Node, what is invalid adds none, and nothing fails.
#[must_use]
pub fn certificates(path: &Path) -> Vec<CertificateDer<'static>> {
    let text = match read_regular(path, MAX_PEM_BYTES) {
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
