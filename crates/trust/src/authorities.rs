//! Trusts what authorities have signed: the system's, or those that were given for a peer.

use std::sync::Arc;

use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

use crate::verifier::{CertificateCheck, Presented};

/// Root certificates, and the verifier that uses them.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// `None` where there are no certificates.
    verifier: Option<Arc<WebPkiServerVerifier>>,
    /// What Windows itself trusts besides.
    #[cfg(windows)]
    system: Option<crate::windows::System>,
}

impl Roots {
    /// Roots from a store. An empty store trusts no certificate.
    ///
    /// # Errors
    /// The error of rustls for the store.
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
            #[cfg(windows)]
            system: None,
        })
    }

    /// The system's roots, from [`roots`](crate::roots()). Windows loads those of public authorities only when it meets a
    /// certificate that needs one, so there it is asked about every certificate that none of these has signed.
    ///
    /// # Errors
    /// As [`Roots::new`].
    pub fn of_system(store: RootCertStore, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        let listed = Self::new(store, provider)?;
        #[cfg(windows)]
        let listed = Self {
            system: crate::windows::System::new(provider)?,
            ..listed
        };
        Ok(listed)
    }

    fn verify(&self, presented: &Presented<'_>) -> Result<ServerCertVerified, Error> {
        let verified = self.verify_listed(presented);
        #[cfg(windows)]
        if let (Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)), Some(system)) =
            (&verified, &self.system)
        {
            return system.verify(presented);
        }
        verified
    }

    fn verify_listed(&self, presented: &Presented<'_>) -> Result<ServerCertVerified, Error> {
        match &self.verifier {
            Some(verifier) => verifier.verify_server_cert(
                presented.certificate,
                presented.intermediates,
                presented.name,
                presented.ocsp,
                presented.now,
            ),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }
}

/// Trusts a certificate if either set of roots does.
#[derive(Debug)]
pub struct Authorities {
    /// The roots of all peers: the system's.
    pub common: Roots,
    /// The roots that were given for this peer.
    pub own: Roots,
    /// The certificates of `own`.
    pub pinned: Vec<CertificateDer<'static>>,
}

/// Whether a server's certificate was refused because it is marked as an authority, as a self-signed one of `openssl req
/// -x509` is. rustls has no error of its own for that.
#[must_use]
pub fn is_marked_as_authority(reason: &CertificateError) -> bool {
    matches!(reason, CertificateError::Other(other) if other.0.to_string() == "CaUsedAsEndEntity")
}

impl Authorities {
    /// A self-signed certificate of `openssl req -x509` is marked as an authority. webpki refuses it from a server
    /// for that reason alone, after it has checked the dates; so only the name is left to check.
    fn is_pinned(&self, presented: &Presented<'_>, error: &Error) -> bool {
        matches!(error, Error::InvalidCertificate(reason) if is_marked_as_authority(reason))
            && self.pinned.contains(presented.certificate)
            && ParsedCertificate::try_from(presented.certificate)
                .is_ok_and(|certificate| verify_server_name(&certificate, presented.name).is_ok())
    }
}

impl CertificateCheck for Authorities {
    fn check(&self, presented: &Presented<'_>) -> Result<ServerCertVerified, Error> {
        let error = match self.own.verify(presented) {
            Ok(verified) => return Ok(verified),
            Err(error) if self.is_pinned(presented, &error) => {
                return Ok(ServerCertVerified::assertion());
            }
            Err(error) => error,
        };
        // If the peer's own certificates did not sign it, the reason comes from the system's roots.
        match (self.common.verify(presented), &error) {
            (Ok(verified), _) => Ok(verified),
            (Err(common), Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                Err(common)
            }
            _ => Err(error),
        }
    }
}
