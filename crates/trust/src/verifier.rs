//! Whether a certificate is trusted: by the system's roots, by a peer's own, or because it is one of these.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Certificates, and who vouches for others with them.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// `None` where there are no certificates.
    verifier: Option<Arc<WebPkiServerVerifier>>,
}

impl Roots {
    /// Those of a store; one without any vouches for nobody.
    ///
    /// # Errors
    /// What rustls says of the store.
    pub fn new(store: RootCertStore, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        if store.is_empty() {
            return Ok(Self::default());
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
                .build()
                .map_err(|error| Error::General(error.to_string()))?;
        Ok(Self {
            verifier: Some(verifier),
        })
    }

    fn verify(&self, shown: &Shown<'_>) -> Result<ServerCertVerified, Error> {
        match &self.verifier {
            Some(verifier) => verifier.verify_server_cert(
                shown.certificate,
                shown.intermediates,
                shown.name,
                shown.ocsp,
                shown.now,
            ),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }
}

/// What a server has shown.
struct Shown<'a> {
    certificate: &'a CertificateDer<'a>,
    intermediates: &'a [CertificateDer<'a>],
    name: &'a ServerName<'a>,
    ocsp: &'a [u8],
    now: UnixTime,
}

/// Trusts what either set of roots does.
#[derive(Debug)]
pub struct Verifier {
    /// Those of everybody: the system's.
    pub common: Roots,
    /// Those that were given for this peer.
    pub own: Roots,
    /// The certificates of `own`.
    pub pinned: Vec<CertificateDer<'static>>,
    /// What signatures are checked with.
    pub provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// A self-signed certificate as `openssl req -x509` makes it says that it is an authority, and for that
    /// alone webpki does not take it from a server. It does not come to that before the dates were found good; the
    /// name is left to check.
    fn is_pinned(&self, shown: &Shown<'_>, error: &Error) -> bool {
        let as_authority = match error {
            Error::InvalidCertificate(CertificateError::Other(other)) => {
                other.0.to_string() == "CaUsedAsEndEntity"
            }
            _ => false,
        };
        as_authority
            && self.pinned.contains(shown.certificate)
            && ParsedCertificate::try_from(shown.certificate)
                .is_ok_and(|certificate| verify_server_name(&certificate, shown.name).is_ok())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Shown {
            certificate,
            intermediates,
            name,
            ocsp,
            now,
        };
        let error = match self.own.verify(&shown) {
            Ok(verified) => return Ok(verified),
            Err(error) if self.is_pinned(&shown, &error) => {
                return Ok(ServerCertVerified::assertion());
            }
            Err(error) => error,
        };
        // Where the peer's own certificates did not sign it, what the system says of it is the reason.
        match (self.common.verify(&shown), &error) {
            (Ok(verified), _) => Ok(verified),
            (Err(common), Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                Err(common)
            }
            _ => Err(error),
        }
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
