//! What Windows itself trusts. Its list of authorities is not all of it: those of public servers are loaded from Microsoft
//! when the first certificate needs one.

use std::sync::Arc;

use rustls::Error;
use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls_platform_verifier::Verifier;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::roots::replaces_system;
use crate::verifier::Presented;

/// The verifier of Windows.
#[derive(Clone, Debug)]
pub(crate) struct System(Arc<Verifier>);

impl System {
    /// `None` where other authorities are named in place of the system's.
    pub(crate) fn new(provider: &Arc<CryptoProvider>) -> Result<Option<Self>, Error> {
        if replaces_system() {
            return Ok(None);
        }
        let verifier = Verifier::new(Arc::clone(provider))?;
        Ok(Some(Self(Arc::new(verifier))))
    }

    /// May load an authority, a missing certificate or a list of revoked ones from the network, for up to some ten seconds.
    pub(crate) fn verify(&self, presented: &Presented<'_>) -> Result<ServerCertVerified, Error> {
        waiting(|| {
            self.0.verify_server_cert(
                presented.certificate,
                presented.intermediates,
                presented.name,
                presented.ocsp,
                presented.now,
            )
        })
    }
}

/// Does work that may wait, without the other tasks of a thread waiting for it.
fn waiting<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
