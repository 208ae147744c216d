//! Trusts one certificate by its fingerprint.

use loopwire_trust::{CertificateCheck, Presented};
use rustls::Error;
use rustls::client::danger::ServerCertVerified;

/// The length of a SHA-256.
pub(crate) const DIGEST_BYTES: usize = 32;

/// Trusts one certificate by its SHA-256, whatever the certificate contains.
#[derive(Debug)]
pub(crate) struct Fingerprint(pub(crate) [u8; DIGEST_BYTES]);

impl CertificateCheck for Fingerprint {
    fn check(&self, presented: &Presented<'_>) -> Result<ServerCertVerified, Error> {
        let digest = ring::digest::digest(&ring::digest::SHA256, presented.certificate);
        if digest.as_ref() == self.0 {
            return Ok(ServerCertVerified::assertion());
        }
        let pairs: Vec<String> = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        Err(Error::General(format!(
            "the server has another certificate: its fingerprint is {}",
            pairs.join(":")
        )))
    }
}
