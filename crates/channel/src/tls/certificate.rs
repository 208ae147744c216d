//! A certificate and its key: read from PEM and checked, or generated for one listener.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use loopwire_trust::pem::{self, Block, PemError};
use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

/// The longest PEM text. A chain of ten certificates with large keys is 30 KiB.
const MAX_PEM_BYTES: usize = 1 << 20;

/// The most certificates in a chain: browsers follow about ten, and each handshake sends them all.
const MAX_CHAIN: usize = 10;

/// A generated certificate is valid from this long before its generation: the clocks of other machines differ.
const BACKDATED: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a generated certificate is valid: the longest time that browsers accept without further conditions. A new
/// one is generated at each start.
const LIFETIME: Duration = Duration::from_secs(397 * 24 * 60 * 60);

/// The kinds of public keys.
const RSA: &str = "1.2.840.113549.1.1.1";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const EC: &str = "1.2.840.10045.2.1";
const ED25519: &str = "1.3.101.112";
const ED448: &str = "1.3.101.113";
const DSA: &str = "1.2.840.10040.4.1";

/// The curves of ECDSA keys.
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

/// Why a listener cannot use a certificate. No variant contains any part of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The text is far longer than any certificate or key.
    #[error("tls.{0} is longer than 1 MiB: it cannot be a PEM file")]
    TooLong(&'static str),
    /// The text contains no certificate.
    #[error(
        "tls.cert holds no certificate: pass the contents of the PEM file (-----BEGIN CERTIFICATE-----), not its \
         name"
    )]
    NoCertificate,
    /// The text of the certificate is not PEM.
    #[error("tls.cert {0}")]
    BadCertificateText(PemError),
    /// The text of the key is not PEM.
    #[error("tls.key {0}")]
    BadKeyText(PemError),
    /// A certificate cannot be read, or a server cannot use it.
    #[error("tls.cert: certificate {number} {reason}")]
    BadCertificate {
        /// Its position in the text, from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There are too many certificates.
    #[error(
        "tls.cert holds {0} certificates: it takes the server's own and those that lead to its root, 10 at most"
    )]
    LongChain(usize),
    /// The certificate has expired.
    #[error("tls.cert has expired: it was valid until {0}; renew it")]
    Expired(String),
    /// The certificate is not valid yet.
    #[error("tls.cert is not valid before {0}: is the clock of this machine right?")]
    NotYetValid(String),
    /// The text contains no key.
    #[error(
        "tls.key holds no private key: pass the contents of the PEM file (-----BEGIN PRIVATE KEY-----), not its name"
    )]
    NoKey,
    /// The key needs a passphrase.
    #[error("tls.key is encrypted: decrypt it first (openssl pkey -in key.pem -out plain.pem)")]
    EncryptedKey,
    /// The key cannot be read or used.
    #[error(
        "tls.key cannot be used: it has to be an RSA key of 2048 to 8192 bits, an ECDSA key (P-256, P-384) or an \
         Ed25519 key"
    )]
    BadKey,
    /// The key is of a kind that the TLS library has no algorithm for.
    #[error(
        "the key is {0}, which is not supported: use an RSA key of 2048 to 8192 bits (rsaEncryption), an ECDSA key \
         (P-256, P-384) or an Ed25519 key"
    )]
    UnsupportedKey(String),
    /// Certificate and key do not belong together.
    #[error(
        "tls.key does not belong to tls.cert: the first certificate in tls.cert has to be the server's own, made \
         for this key"
    )]
    Mismatch,
    /// A self-signed certificate could not be generated.
    #[error("a self-signed certificate could not be made: {0}")]
    NotMade(String),
}

impl TlsError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCertificate
            | Self::BadCertificateText(_)
            | Self::BadCertificate { .. }
            | Self::LongChain(_) => "ERR_TLS_CERT_INVALID",
            Self::Expired(_) => "ERR_TLS_CERT_EXPIRED",
            Self::NotYetValid(_) => "ERR_TLS_CERT_NOT_YET_VALID",
            Self::NoKey | Self::BadKeyText(_) | Self::BadKey => "ERR_TLS_KEY_INVALID",
            Self::UnsupportedKey(_) => "ERR_TLS_KEY_UNSUPPORTED",
            Self::EncryptedKey => "ERR_TLS_KEY_ENCRYPTED",
            Self::Mismatch => "ERR_TLS_KEY_MISMATCH",
            Self::TooLong(_) | Self::NotMade(_) => "ERR_TLS_INVALID",
        }
    }
}

/// A chain, beginning with the server's own certificate, and its key.
pub(super) struct Certificate {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    /// The DNS names it is for, including wildcards.
    pub(super) names: Vec<String>,
    /// The addresses it is for.
    pub(super) addresses: Vec<IpAddr>,
}

impl Certificate {
    /// Reads PEM texts. Whether certificate and key belong together is checked when they are used.
    pub(super) fn read(cert: &[u8], key: &[u8], now: SystemTime) -> Result<Self, TlsError> {
        for (name, text) in [("cert", cert), ("key", key)] {
            if text.len() > MAX_PEM_BYTES {
                return Err(TlsError::TooLong(name));
            }
        }
        let chain = pem::certificates(cert).map_err(TlsError::BadCertificateText)?;
        if chain.len() > MAX_CHAIN {
            return Err(TlsError::LongChain(chain.len()));
        }
        let mut parsed = Vec::with_capacity(chain.len());
        for (at, der) in chain.iter().enumerate() {
            parsed.push(parse(der, at + 1)?);
        }
        let own = parsed.first().ok_or(TlsError::NoCertificate)?;
        check_validity(own, now)?;
        let (names, addresses) = alternative_names(own);
        let key = read_key(key)?;
        check_kind(own)?;
        Ok(Self {
            chain,
            key,
            names,
            addresses,
        })
    }

    /// Generates a self-signed certificate with a new key for these names and addresses.
    pub(super) fn make(
        names: Vec<String>,
        addresses: Vec<IpAddr>,
        now: SystemTime,
    ) -> Result<Self, TlsError> {
        let failed = |error: rcgen::Error| TlsError::NotMade(error.to_string());
        let key = KeyPair::generate().map_err(failed)?;
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "Loopwire, self-signed");
        params.not_before = (now - BACKDATED).into();
        params.not_after = (now - BACKDATED + LIFETIME).into();
        // No key usage: a certificate that is its own root would need the usage of signing as well.
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        for name in &names {
            let name = Ia5String::try_from(name.as_str()).map_err(failed)?;
            params.subject_alt_names.push(SanType::DnsName(name));
        }
        let address = |address: &IpAddr| SanType::IpAddress(*address);
        params
            .subject_alt_names
            .extend(addresses.iter().map(address));
        let certificate = params.self_signed(&key).map_err(failed)?;
        Ok(Self {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            names,
            addresses,
        })
    }
}

fn parse(der: &[u8], number: usize) -> Result<X509Certificate<'_>, TlsError> {
    let bad = |reason| TlsError::BadCertificate { number, reason };
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) if certificate.version().0 == 2 => Ok(certificate),
        Ok(([], _)) => Err(bad("is not of X.509 version 3")),
        Ok(_) | Err(_) => Err(bad("cannot be read as X.509")),
    }
}

fn check_validity(certificate: &X509Certificate<'_>, now: SystemTime) -> Result<(), TlsError> {
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        });
    let validity = certificate.validity();
    if now > validity.not_after.timestamp() {
        return Err(TlsError::Expired(validity.not_after.to_string()));
    }
    if now < validity.not_before.timestamp() {
        return Err(TlsError::NotYetValid(validity.not_before.to_string()));
    }
    Ok(())
}

/// The names with which clients compare the name that they have connected to. The common name is not one of them.
fn alternative_names(certificate: &X509Certificate<'_>) -> (Vec<String>, Vec<IpAddr>) {
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else {
        return (names, addresses);
    };
    for name in &alternatives.value.general_names {
        match name {
            GeneralName::DNSName(name) => names.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => {
                let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                let address = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
                addresses.extend(address);
            }
            _ => {}
        }
    }
    (names, addresses)
}

/// The first private key of a text.
fn read_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    let blocks = pem::blocks(text).map_err(TlsError::BadKeyText)?;
    let is_key = |block: &&Block<'_>| block.label.ends_with("PRIVATE KEY");
    let block = blocks.iter().find(is_key).ok_or(TlsError::NoKey)?;
    if block.is_encrypted() {
        return Err(TlsError::EncryptedKey);
    }
    match block.label {
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {}
        "OPENSSH PRIVATE KEY" => return Err(unsupported("in the format of OpenSSH")),
        "DSA PRIVATE KEY" => return Err(unsupported("a DSA key")),
        _ => return Err(TlsError::NoKey),
    }
    PrivateKeyDer::from_pem_slice(&block.text()).map_err(|_| TlsError::BadKey)
}

fn unsupported(kind: impl Into<String>) -> TlsError {
    TlsError::UnsupportedKey(kind.into())
}

/// Refuses kinds of keys for which ring has no algorithm, by their names. The key of the certificate is looked at, since
/// all forms of private keys have to fit it.
fn check_kind(certificate: &X509Certificate<'_>) -> Result<(), TlsError> {
    let algorithm = &certificate.public_key().algorithm;
    let curve = || algorithm.parameters.as_ref()?.as_oid().ok();
    match algorithm.algorithm.to_id_string().as_str() {
        RSA | ED25519 => Ok(()),
        RSA_PSS => Err(unsupported("an RSA-PSS key")),
        EC => match curve().map(|oid| oid.to_id_string()) {
            Some(curve) => match curve.as_str() {
                P256 | P384 => Ok(()),
                P521 => Err(unsupported("an ECDSA key on the curve P-521")),
                other => Err(unsupported(format!("an ECDSA key on the curve {other}"))),
            },
            None => Err(unsupported("an ECDSA key on a curve without a name")),
        },
        ED448 => Err(unsupported("an Ed448 key")),
        DSA => Err(unsupported("a DSA key")),
        other => Err(unsupported(format!("of the kind {other}"))),
    }
}
