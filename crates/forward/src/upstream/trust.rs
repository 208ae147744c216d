//! Which certificates are trusted for HTTPS upstreams: the system's, those of `NODE_EXTRA_CA_CERTS`, and the
//! upstream's own.

use std::fmt;
use std::sync::{Arc, OnceLock};

use loopwire_trust::{Authorities, Roots, Verifier, pem, roots, store};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, Error};
use tokio::sync::OnceCell;

/// TLS sessions kept for resumption, for all upstreams without a certificate of their own. 256: more upstreams than
/// most applications have, and less than a megabyte.
const SESSIONS: usize = 256;
/// The same for an upstream with a certificate of its own. Eight: what one server hands out.
const SESSIONS_OF_ONE: usize = 8;

/// The certificates trusted for every upstream. Loaded when the first HTTPS upstream is dialled, and kept.
#[derive(Clone, Default)]
pub struct Trust(Arc<OnceCell<Common>>);

/// What has been loaded.
struct Common {
    roots: Roots,
    provider: Arc<CryptoProvider>,
    config: Arc<ClientConfig>,
}

/// Additional certificates that are trusted for one upstream.
pub(crate) struct Authority {
    certificates: Vec<CertificateDer<'static>>,
    config: OnceLock<Arc<ClientConfig>>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust(…)")
    }
}

/// The same certificates, not equal ones.
impl PartialEq for Trust {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Trust {}

/// The same certificates.
impl PartialEq for Authority {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates
    }
}

impl Eq for Authority {}

impl std::hash::Hash for Authority {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.certificates.hash(state);
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authority({} certificates)", self.certificates.len())
    }
}

impl Trust {
    /// The TLS configuration for an upstream, with its own certificates added.
    pub(crate) async fn config(&self, own: Option<&Authority>) -> Result<Arc<ClientConfig>, Error> {
        let common = self
            .0
            .get_or_try_init(|| async {
                // Some systems keep one file per certificate: too slow for a thread that serves connections.
                tokio::task::spawn_blocking(Common::load)
                    .await
                    .unwrap_or_else(|error| Err(Error::General(error.to_string())))
            })
            .await?;
        let Some(own) = own else {
            return Ok(Arc::clone(&common.config));
        };
        if let Some(config) = own.config.get() {
            return Ok(Arc::clone(config));
        }
        let config = own.config(common)?;
        Ok(Arc::clone(own.config.get_or_init(|| config)))
    }
}

impl Common {
    /// Reads the system's certificates and the extra ones. Unreadable ones are left out, as in Node: an upstream that
    /// needs one of them is then not trusted.
    fn load() -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let roots = Roots::of_system(roots(), &provider)?;
        let verifier = Verifier {
            trusted: Authorities {
                common: roots.clone(),
                own: Roots::default(),
                pinned: Vec::new(),
            },
            provider: Arc::clone(&provider),
        };
        Ok(Self {
            config: config(verifier, SESSIONS)?,
            roots,
            provider,
        })
    }
}

impl Authority {
    /// The certificates of a PEM text; `None` if there is none or one is invalid.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let certificates = pem::certificates(text.as_bytes()).ok()?;
        store(&certificates).ok()?;
        (!certificates.is_empty()).then_some(Self {
            certificates,
            config: OnceLock::new(),
        })
    }

    fn config(&self, common: &Common) -> Result<Arc<ClientConfig>, Error> {
        let verifier = Verifier {
            trusted: Authorities {
                common: common.roots.clone(),
                own: Roots::new(store(&self.certificates)?, &common.provider)?,
                pinned: self.certificates.clone(),
            },
            provider: Arc::clone(&common.provider),
        };
        config(verifier, SESSIONS_OF_ONE)
    }
}

fn config(verifier: Verifier<Authorities>, sessions: usize) -> Result<Arc<ClientConfig>, Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&verifier.provider))
        .with_safe_default_protocol_versions()?
        // rustls calls every verifier but its own dangerous; this one verifies as well.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // HTTP/1.1 follows: a proxy that speaks HTTP/2 must not start it.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::in_memory_sessions(sessions);
    Ok(Arc::new(config))
}
