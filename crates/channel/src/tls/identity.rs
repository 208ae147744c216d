//! The TLS identity of a listener: its certificate, and the configuration of its handshakes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::SystemTime;

use data_encoding::{BASE64, HEXUPPER};
use ring::digest::{SHA256, digest};
use rustls::crypto::ring as crypto;
use rustls::server::NoServerSessionStorage;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{Error, InconsistentKeys, ServerConfig};

use super::certificate::{Certificate, TlsError};
use crate::guard::{Hosts, host_name};

/// The application protocol of the handshake. A client that supports only HTTP/2 is refused.
const PROTOCOL: &[u8] = b"http/1.1";

/// The length of a line of PEM.
const PEM_LINE: usize = 64;

/// Where a listener's certificate comes from.
#[derive(Clone)]
pub enum Tls {
    /// From PEM texts: the certificate, followed by those that lead to its root, and its key.
    Pem {
        /// The certificate.
        cert: Vec<u8>,
        /// The key.
        key: Vec<u8>,
    },
    /// Generated at the start of the listener, with a key that is never stored.
    SelfSigned,
}

/// The certificate of a listener, checked and ready to use. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<IdentityData>);

struct IdentityData {
    config: Arc<ServerConfig>,
    certificate: String,
    fingerprint: String,
    names: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl Identity {
    /// Reads and checks a certificate, or generates one for the loopback names, `host` (for a wildcard the addresses of
    /// the interfaces) and the names of `allowed_hosts`. Starts and binds nothing.
    ///
    /// # Errors
    /// [`TlsError`]: what is wrong with the certificate or the key.
    pub fn new(tls: &Tls, host: IpAddr, allowed_hosts: &[String]) -> Result<Self, TlsError> {
        let now = SystemTime::now();
        let certificate = match tls {
            Tls::Pem { cert, key } => Certificate::read(cert, key, now)?,
            Tls::SelfSigned => {
                let (names, addresses) = names(host, allowed_hosts)?;
                Certificate::make(names, addresses, now)?
            }
        };
        Self::with(certificate)
    }

    fn with(certificate: Certificate) -> Result<Self, TlsError> {
        let Certificate {
            chain,
            key,
            names,
            addresses,
        } = certificate;
        let own = chain.first().ok_or(TlsError::NoCertificate)?.to_vec();
        let provider = Arc::new(crypto::default_provider());
        let pair = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::Mismatch,
            Error::InvalidCertificate(_) => TlsError::BadCertificate {
                number: 1,
                reason: "cannot be used by a server",
            },
            _ => TlsError::BadKey,
        })?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::NotMade(error.to_string()))?
            .with_no_client_auth();
        let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // Connections are few and long-lived. A full handshake costs a millisecond; stored sessions cost memory, and
        // tickets need a key that must be kept.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self(Arc::new(IdentityData {
            config: Arc::new(config),
            certificate: pem(&own),
            fingerprint: fingerprint(&own),
            names,
            addresses,
        })))
    }

    /// The server's own certificate as PEM, for a client's list of trusted certificates.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.0.certificate
    }

    /// The SHA-256 of the certificate, written as by `openssl x509 -fingerprint -sha256` and Node's `fingerprint256`.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// The configuration of its handshakes.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.config)
    }

    /// Adds the names and addresses of the certificate. A wildcard stands for one label, as in the handshake.
    pub(crate) fn admit_to(&self, mut hosts: Hosts) -> Hosts {
        for address in &self.0.addresses {
            hosts = hosts.with_address(*address);
        }
        for name in self.0.names.iter().filter(|name| !name.contains(':')) {
            if let Ok(more) = hosts.clone().with_entry(name) {
                hosts = more;
            }
        }
        hosts
    }
}

/// The names and addresses under which a listener will be addressed.
fn names(host: IpAddr, allowed_hosts: &[String]) -> Result<(Vec<String>, Vec<IpAddr>), TlsError> {
    let mut names = vec!["localhost".to_owned()];
    let mut addresses = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    if host.is_unspecified() {
        let interfaces =
            if_addrs::get_if_addrs().map_err(|error| TlsError::NotMade(error.to_string()))?;
        addresses.extend(interfaces.iter().map(if_addrs::Interface::ip));
    } else {
        addresses.push(host);
    }
    // Invalid entries are refused later, when the list of hosts is made.
    for name in allowed_hosts.iter().filter_map(|entry| host_name(entry)) {
        let address = name.trim_start_matches('[').trim_end_matches(']');
        match address.parse() {
            Ok(address) => addresses.push(address),
            Err(_) => names.push(name.to_ascii_lowercase()),
        }
    }
    names.sort_unstable();
    names.dedup();
    addresses.sort_unstable();
    addresses.dedup();
    Ok((names, addresses))
}

fn pem(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let mut pem = String::with_capacity(text.len() + text.len() / PEM_LINE + 64);
    pem.push_str("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(PEM_LINE));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

fn fingerprint(der: &[u8]) -> String {
    let hash = digest(&SHA256, der);
    let bytes: Vec<String> = hash
        .as_ref()
        .iter()
        .map(|byte| HEXUPPER.encode(&[*byte]))
        .collect();
    bytes.join(":")
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is never shown.
        formatter.write_str(match self {
            Self::Pem { .. } => "Pem",
            Self::SelfSigned => "SelfSigned",
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("fingerprint", &self.0.fingerprint)
            .finish_non_exhaustive()
    }
}
