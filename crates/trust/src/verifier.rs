//! Verifies a certificate, and that the server has its key.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// What a server has presented.
#[derive(Debug)]
pub struct Presented<'a> {
    /// Its own certificate.
    pub certificate: &'a CertificateDer<'a>,
    /// The certificates that it has sent with it.
    pub intermediates: &'a [CertificateDer<'a>],
    /// The name or address that it was connected by.
    pub name: &'a ServerName<'a>,
    /// What an authority says of the certificate; mostly nothing.
    pub ocsp: &'a [u8],
    /// The time of the handshake.
    pub now: UnixTime,
}

/// Decides which certificates are trusted.
pub trait CertificateCheck: fmt::Debug + Send + Sync {
    /// Whether this one is.
    ///
    /// # Errors
    /// If it is not, with the reason.
    fn check(&self, presented: &Presented<'_>) -> Result<ServerCertVerified, Error>;
}

/// Trusts what its check trusts, if the server proves that it has the certificate's key.
#[derive(Debug)]
pub struct Verifier<T> {
    /// Which certificates are trusted.
    pub trusted: T,
    /// The algorithms that check signatures.
    pub provider: Arc<CryptoProvider>,
}

impl<T: CertificateCheck> ServerCertVerifier for Verifier<T> {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.trusted.check(&Presented {
            certificate,
            intermediates,
            name,
            ocsp,
            now,
        })
    }

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
