//! TLS in front of any upstream, with certificates made for the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, and the authority to trust for it.
pub struct Identity {
    certificate: String,
    key: String,
    pub ca: String,
}

impl Identity {
    /// Signed by an authority.
    pub fn signed(name: &str) -> Self {
        Self::made(name, |_| ())
    }

    /// The same, expired.
    pub fn expired(name: &str) -> Self {
        Self::made(name, |params| params.not_after = date_time_ymd(2001, 1, 1))
    }

    fn made(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let authority_key = key();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let own = key();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&own, &issuer).unwrap().pem();
        let key = own.serialize_pem();
        Self {
            certificate,
            key,
            ca,
        }
    }

    /// Self-signed, marked as an authority (like openssl's) or not.
    pub fn self_signed(name: &str, authority: bool) -> Self {
        let own = key();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let certificate = params.self_signed(&own).unwrap().pem();
        Self {
            key: own.serialize_pem(),
            ca: certificate.clone(),
            certificate,
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

/// The TLS end in front of a plain upstream.
pub struct TlsFront {
    pub address: SocketAddr,
    pub ca: String,
    /// Completed handshakes.
    pub handshakes: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl TlsFront {
    pub async fn before(upstream: SocketAddr, identity: Identity) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let handshakes = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&handshakes);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                connections.spawn(async move {
                    let Ok(mut outer) = acceptor.accept(stream).await else {
                        return;
                    };
                    count.fetch_add(1, Ordering::Relaxed);
                    let Ok(mut inner) = TcpStream::connect(upstream).await else {
                        return;
                    };
                    let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
                    let _ = outer.shutdown().await;
                });
            }
        });
        Self {
            address,
            ca: identity.ca,
            handshakes,
            task,
        }
    }

    /// An entry that trusts it.
    pub fn entry(&self, more: &str) -> String {
        let ca = serde_json::to_string(&self.ca).unwrap();
        super::entry("https", self.address, &format!(r#"{more}"ca":{ca},"#))
    }

    pub fn handshakes(&self) -> u64 {
        self.handshakes.load(Ordering::Relaxed)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}
