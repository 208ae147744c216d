//! What TLS trusts: the system's authorities, those of a file, or one certificate by its fingerprint.

use std::sync::Arc;

use loopwire_trust::pem::{self, PemError};
use loopwire_trust::{Authorities, Roots, Verifier, roots, store};
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::fingerprint::{DIGEST_BYTES, Fingerprint};
use crate::target::Trusted;

/// Why a CA file or a fingerprint is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The PEM text contains no certificate.
    #[error("the CA file holds no certificate: PEM begins with -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    /// The text is not PEM.
    #[error("the CA file {0}")]
    Pem(PemError),
    /// A certificate in the PEM text is invalid.
    #[error("the CA file holds a certificate that is broken or cut off")]
    Certificate,
    /// The fingerprint is invalid.
    #[error(
        "a fingerprint is the SHA-256 of the certificate: 64 hex digits, with colons between or without"
    )]
    Fingerprint,
}

/// Why a client could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificates or the fingerprint to trust are invalid.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The system could not start a thread.
    #[error("the client could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Which server is trusted, after the check.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    System,
    Authority(Vec<CertificateDer<'static>>),
    Fingerprint([u8; DIGEST_BYTES]),
}

impl Trust {
    pub(crate) fn new(trusted: &Trusted) -> Result<Self, TrustError> {
        match trusted {
            Trusted::System => Ok(Self::System),
            Trusted::Authority(text) => {
                let certificates = pem::certificates(text.as_bytes()).map_err(TrustError::Pem)?;
                if certificates.is_empty() {
                    return Err(TrustError::NoCertificate);
                }
                store(&certificates).map_err(|_| TrustError::Certificate)?;
                Ok(Self::Authority(certificates))
            }
            Trusted::Fingerprint(text) => digest(text)
                .map(Self::Fingerprint)
                .ok_or(TrustError::Fingerprint),
        }
    }

    /// The TLS configuration. Reads the system's files, so it blocks.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match self {
            Self::System => Arc::new(Verifier {
                trusted: Authorities {
                    common: Roots::of_system(system()?, &provider)?,
                    own: Roots::default(),
                    pinned: Vec::new(),
                },
                provider: Arc::clone(&provider),
            }),
            Self::Authority(certificates) => Arc::new(Verifier {
                trusted: Authorities {
                    common: Roots::default(),
                    own: Roots::new(store(certificates)?, &provider)?,
                    pinned: certificates.clone(),
                },
                provider: Arc::clone(&provider),
            }),
            Self::Fingerprint(expected) => Arc::new(Verifier {
                trusted: Fingerprint(*expected),
                provider: Arc::clone(&provider),
            }),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            // rustls calls every custom verifier dangerous; these do verify.
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        // A server must not choose HTTP/2.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn system() -> Result<RootCertStore, rustls::Error> {
    let store = roots();
    // Windows has more than it lists.
    if store.is_empty() && !cfg!(windows) {
        return Err(rustls::Error::General(
            "this system trusts no certificate authorities: give one with --ca, or a fingerprint \
             with --fingerprint"
                .to_owned(),
        ));
    }
    Ok(store)
}

fn digest(text: &str) -> Option<[u8; DIGEST_BYTES]> {
    let text = text.trim();
    let text = match text.split_at_checked("sha256:".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("sha256:") => rest,
        _ => text,
    };
    let pairs: Vec<&str> = if text.contains(':') {
        text.split(':').collect()
    } else {
        (0..text.len())
            .step_by(2)
            .map(|start| text.get(start..start + 2))
            .collect::<Option<_>>()?
    };
    let bytes = pairs.iter().map(|pair| {
        let hex = pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
    });
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_every_tool_prints_it() {
        let plain = "00ff".repeat(16);
        let colons = vec!["00:FF"; 16].join(":");
        let expected: [u8; DIGEST_BYTES] = std::array::from_fn(|at| [0, 255][at % 2]);
        for text in [
            plain.clone(),
            plain.to_uppercase(),
            colons.clone(),
            format!("sha256:{plain}"),
            format!("SHA256:{colons}"),
            format!(" {plain}\n"),
        ] {
            assert_eq!(digest(&text), Some(expected), "{text}");
        }
        for text in [
            "",
            "sha256:",
            &plain[2..],
            &format!("{plain}00"),
            &plain.replace('f', "g"),
            &colons.replace(':', "-"),
            &plain.replacen("00", "+0", 1),
            &"é".repeat(32),
        ] {
            assert_eq!(digest(text), None, "{text}");
        }
    }

    #[test]
    fn a_ca_file_without_a_usable_certificate_is_refused() {
        let of = |pem: &str| Trust::new(&Trusted::Authority(pem.to_owned())).err();
        assert_eq!(of(""), Some(TrustError::NoCertificate));
        assert_eq!(of("no PEM at all"), Some(TrustError::NoCertificate));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(of(broken), Some(TrustError::Certificate));
        let cut = of("\u{feff}-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
        let text = "the CA file is not valid PEM: block 1 has no END";
        assert_eq!(cut.to_string(), text);
    }
}
