//! Whether a server's certificate is one that was named: by its authority, as itself, or by its fingerprint.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// The length of a SHA-256.
pub(crate) const DIGEST_BYTES: usize = 32;

/// Trusts what these certificates have signed, and these themselves.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) webpki: Arc<WebPkiServerVerifier>,
    pub(crate) pinned: Vec<CertificateDer<'static>>,
}

impl Authority {
    /// A self-signed certificate as `openssl req -x509` makes it says that it is an authority, and for that alone
    /// webpki does not take it from a server. By then the dates were found good; the name is left to check.
    fn is_pinned(&self, shown: &CertificateDer<'_>, name: &ServerName<'_>, error: &Error) -> bool {
        let as_authority = match error {
            Error::InvalidCertificate(CertificateError::Other(other)) => {
                other.0.to_string() == "CaUsedAsEndEntity"
            }
            _ => false,
        };
        as_authority
            && self.pinned.contains(shown)
            && ParsedCertificate::try_from(shown)
                .is_ok_and(|certificate| verify_server_name(&certificate, name).is_ok())
    }
}

impl ServerCertVerifier for Authority {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self
            .webpki
            .verify_server_cert(shown, intermediates, name, ocsp, now);
        match verified {
            Err(error) if self.is_pinned(shown, name, &error) => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

/// Trusts one certificate, whatever it says: who knows its SHA-256 has been given it by its owner.
#[derive(Debug)]
pub(crate) struct Fingerprint {
    pub(crate) expected: [u8; DIGEST_BYTES],
    pub(crate) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Fingerprint {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let digest = ring::digest::digest(&ring::digest::SHA256, shown);
        if digest.as_ref() == self.expected {
            return Ok(ServerCertVerified::assertion());
        }
        let pairs: Vec<String> = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        Err(Error::General(format!(
            "the server's certificate is another one: its fingerprint is {}",
            pairs.join(":")
        )))
    }

    // That the server has the certificate's key is still for it to prove.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
