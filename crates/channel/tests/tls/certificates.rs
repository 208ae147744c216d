//! Which certificates and keys are accepted, and how others are refused before anything starts.

use loopwire_channel::{Identity, Tls, TlsError};
use rcgen::{
    BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// PEM texts of a pair.
pub(crate) struct Pair {
    pub(crate) cert: String,
    pub(crate) key: String,
}

pub(crate) fn pair(change: impl FnOnce(&mut CertificateParams)) -> Pair {
    of(&PKCS_ECDSA_P256_SHA256, change)
}

fn of(kind: &'static SignatureAlgorithm, change: impl FnOnce(&mut CertificateParams)) -> Pair {
    let key = KeyPair::generate_for(kind).unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    change(&mut params);
    Pair {
        cert: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    }
}

/// A pair whose certificate an authority has signed, and the authority's certificate.
fn chain() -> (Pair, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let pair = Pair {
        cert: params.signed_by(&key, &issuer).unwrap().pem(),
        key: key.serialize_pem(),
    };
    (pair, root)
}

fn identity(cert: &str, key: &str) -> Result<Identity, TlsError> {
    let tls = Tls::Pem {
        cert: cert.into(),
        key: key.into(),
    };
    assert_eq!(format!("{tls:?}"), "Pem");
    Identity::new(&tls, [127, 0, 0, 1].into(), &[])
}

fn refused(what: &str, cert: &str, key: &str, code: &str) {
    let error = identity(cert, key).expect_err(what);
    assert_eq!(error.code(), code, "{what}: {error}");
    let said = format!("{error} {error:?}");
    for line in key
        .lines()
        .filter(|line| line.len() > 20 && !line.starts_with('-'))
    {
        assert!(!said.contains(line), "{what}: {said}");
    }
}

#[test]
fn certificates_that_cannot_be_used_are_refused_with_a_code_each() {
    let good = pair(|_| ());
    let key = good.key.as_str();
    let cert = |text: &str, code| refused(&text[..text.len().min(80)], text, key, code);
    cert("", "ERR_TLS_CERT_INVALID");
    cert("./cert.pem", "ERR_TLS_CERT_INVALID");
    // The two swapped.
    refused("swapped", key, &good.cert, "ERR_TLS_CERT_INVALID");
    cert(&good.cert[..good.cert.len() / 2], "ERR_TLS_CERT_INVALID");
    let broken = good.cert.replacen("MII", "M\u{fffd}I", 1);
    cert(&broken, "ERR_TLS_CERT_INVALID");
    let nothing = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    cert(nothing, "ERR_TLS_CERT_INVALID");
    cert(&format!("{}{nothing}", good.cert), "ERR_TLS_CERT_INVALID");
    cert(&good.cert.repeat(11), "ERR_TLS_CERT_INVALID");
    cert(&" ".repeat((1 << 20) + 1), "ERR_TLS_INVALID");
    let expired = pair(|params| params.not_after = date_time_ymd(2001, 1, 1));
    refused(
        "expired",
        &expired.cert,
        &expired.key,
        "ERR_TLS_CERT_EXPIRED",
    );
    let early = pair(|params| params.not_before = date_time_ymd(2999, 1, 1));
    refused(
        "early",
        &early.cert,
        &early.key,
        "ERR_TLS_CERT_NOT_YET_VALID",
    );
}

#[test]
fn keys_that_cannot_be_used_are_refused_with_a_code_each() {
    let good = pair(|_| ());
    let key = |what, text: &str, code| refused(what, &good.cert, text, code);
    key("empty", "", "ERR_TLS_KEY_INVALID");
    key("a name", "./key.pem", "ERR_TLS_KEY_INVALID");
    key(
        "half",
        &good.key[..good.key.len() / 2],
        "ERR_TLS_KEY_INVALID",
    );
    let header =
        |name: &str, rest: &str| format!("-----BEGIN {name}-----\n{rest}\n-----END {name}-----\n");
    key(
        "nonsense",
        &header("PRIVATE KEY", "AAAA"),
        "ERR_TLS_KEY_INVALID",
    );
    key("too long", &" ".repeat((1 << 20) + 1), "ERR_TLS_INVALID");
    let encrypted = header(
        "ENCRYPTED PRIVATE KEY",
        "MIIBHDBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI",
    );
    key("PKCS #8", &encrypted, "ERR_TLS_KEY_ENCRYPTED");
    let legacy =
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,9A0B\n\nMIIBHDBXBgkqhkiG9w0BBQ0wSjApBgkq";
    key(
        "legacy",
        &header("RSA PRIVATE KEY", legacy),
        "ERR_TLS_KEY_ENCRYPTED",
    );
    key("another's", &pair(|_| ()).key, "ERR_TLS_KEY_MISMATCH");
    let (signed, root) = chain();
    let wrong_order = format!("{root}{}", signed.cert);
    refused("order", &wrong_order, &signed.key, "ERR_TLS_KEY_MISMATCH");
}

#[test]
fn pairs_of_every_usual_kind_are_accepted_and_have_the_right_fingerprint() {
    let (signed, root) = chain();
    let chained = Pair {
        cert: format!("# a comment of openssl's\n{}{root}", signed.cert),
        key: signed.key,
    };
    let kinds = [
        &PKCS_ECDSA_P256_SHA256,
        &PKCS_ECDSA_P384_SHA384,
        &PKCS_ED25519,
    ];
    let pairs = kinds.into_iter().map(|kind| of(kind, |_| ()));
    for Pair { cert, key } in pairs.chain([chained]) {
        let identity = identity(&cert, &key).unwrap();
        let own = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
        let shown = CertificateDer::from_pem_slice(identity.certificate().as_bytes()).unwrap();
        assert_eq!(own, shown);
        let hash = digest(&SHA256, &own);
        let bytes: Vec<String> = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        assert_eq!(identity.fingerprint(), bytes.join(":"));
    }
}

#[test]
fn each_listener_generates_its_own_key_and_does_not_show_it() {
    let make = || Identity::new(&Tls::SelfSigned, [127, 0, 0, 1].into(), &[]).unwrap();
    let (one, other) = (make(), make());
    assert_ne!(one.fingerprint(), other.fingerprint());
    assert_eq!(one.certificate().matches("-----BEGIN").count(), 1);
    assert_eq!(
        format!("{one:?}"),
        format!("Identity {{ fingerprint: {:?}, .. }}", one.fingerprint())
    );
}
