//! Certificates and keys as other tools write them, and invalid ones.

use std::io::Write;
use std::net::IpAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::setup::client::{PacedTcp, trusting};
use crate::setup::server::TlsServer;
use crate::support::TOKEN;
use loopwire_channel::{Identity, ListenerOptions, Tls, TlsError};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
};
use rustls::ALL_VERSIONS;
use x509_parser::pem::parse_x509_pem;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const HOST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn params(days: std::ops::Range<i32>) -> CertificateParams {
    let at = |days: i32| match u32::try_from(days) {
        Ok(days) => SystemTime::now() + DAY * days,
        Err(_) => SystemTime::now() - DAY * days.unsigned_abs(),
    };
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = at(days.start).into();
    params.not_after = at(days.end).into();
    params
}

/// A certificate and its key.
fn pair(days: std::ops::Range<i32>) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let cert = params(days).self_signed(&key).unwrap();
    (cert.pem(), key.serialize_pem())
}

fn identity(cert: &str, key: &str) -> Result<Identity, TlsError> {
    let tls = Tls::Pem {
        cert: cert.as_bytes().to_vec(),
        key: key.as_bytes().to_vec(),
    };
    Identity::new(&tls, HOST, &[])
}

/// Checks that it is refused with this code, and that the error contains no part of the key.
fn refused(cert: &str, key: &str, code: &str) {
    let error = identity(cert, key).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    let said = format!("{error} {error:?}");
    for line in key.lines().filter(|line| line.len() > 8) {
        let shown = line.starts_with("-----") || !said.contains(&line[..8]);
        assert!(shown, "{said}");
    }
}

#[test]
fn garbage_is_refused_at_every_position() {
    let (cert, key) = pair(-1..10);
    let not_base64 = "-----BEGIN CERTIFICATE-----\n*?*\n-----END CERTIFICATE-----\n";
    refused(not_base64, &key, "ERR_TLS_CERT_INVALID");
    let no_x509 = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    refused(no_x509, &key, "ERR_TLS_CERT_INVALID");
    refused(&format!("{cert}{no_x509}"), &key, "ERR_TLS_CERT_INVALID");
    let no_key = "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n";
    refused(&cert, no_key, "ERR_TLS_KEY_INVALID");
    // Cut anywhere, it never panics and is never taken.
    for len in (0..cert.trim_end().len()).step_by(7) {
        refused(&cert[..len], &key, "ERR_TLS_CERT_INVALID");
    }
    for len in (0..key.trim_end().len()).step_by(7) {
        refused(&cert, &key[..len], "ERR_TLS_KEY_INVALID");
    }
    // The bytes that PEM is made of.
    let (_, pem) = parse_x509_pem(cert.as_bytes()).unwrap();
    let tls = Tls::Pem {
        cert: pem.contents,
        key: key.clone().into_bytes(),
    };
    let error = Identity::new(&tls, HOST, &[]).unwrap_err();
    assert_eq!(error, TlsError::NoCertificate);
    let tls = Tls::Pem {
        cert: cert.into_bytes(),
        key: KeyPair::from_pem(&key).unwrap().serialize_der(),
    };
    let error = Identity::new(&tls, HOST, &[]).unwrap_err();
    assert_eq!(error, TlsError::NoKey);
}

#[test]
fn text_around_the_certificate_and_other_line_ends_are_accepted() {
    let (cert, key) = pair(-1..10);
    let noted = format!("subject=localhost\nissuer=me\n{cert}\n\n");
    assert!(identity(&noted, &key).is_ok());
    let (cert, key) = (cert.replace('\n', "\r\n"), key.replace('\n', "\r\n"));
    assert!(identity(&cert, &key).is_ok());
    // Both in one file, in either order.
    let both = format!("{key}{cert}");
    assert!(identity(&both, &both).is_ok());
}

#[test]
fn an_encrypted_key_has_its_own_error() {
    let (cert, key) = pair(-1..10);
    let head = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
    let encrypted = key
        .replace("-----BEGIN PRIVATE KEY-----", head)
        .replace("END PRIVATE", "END ENCRYPTED PRIVATE");
    refused(&cert, &encrypted, "ERR_TLS_KEY_ENCRYPTED");
    let old = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n\
               aGVsbG8=\n-----END EC PRIVATE KEY-----\n";
    refused(&cert, old, "ERR_TLS_KEY_ENCRYPTED");
}

#[test]
fn a_key_that_openssl_has_encrypted_has_its_own_error() {
    let (cert, key) = pair(-1..10);
    let Some(real) = openssl(&["pkcs8", "-topk8", "-passout", "pass:secret"], &key) else {
        println!("SKIPPED: a_key_that_openssl_has_encrypted_has_its_own_error: no openssl");
        return;
    };
    refused(&cert, &real, "ERR_TLS_KEY_ENCRYPTED");
}

#[test]
fn keys_of_every_kind_work() {
    let made = [
        &PKCS_ECDSA_P256_SHA256,
        &PKCS_ECDSA_P384_SHA384,
        &PKCS_ED25519,
    ]
    .map(|kind| {
        let key = KeyPair::generate_for(kind).unwrap();
        let cert = params(-1..10).self_signed(&key).unwrap();
        (cert.pem(), key.serialize_pem())
    });
    made.iter().for_each(|(cert, key)| serves(cert, key));
}

fn serves(cert: &str, key: &str) {
    let identity = identity(cert, key).unwrap();
    assert_eq!(identity.certificate().trim(), cert.trim());
    let (_, stranger) = pair(-1..10);
    refused(cert, &stranger, "ERR_TLS_KEY_MISMATCH");
    let server = TlsServer::with_identity(identity, ListenerOptions::default());
    assert!(server.open_client("").answers_ping());
}

#[test]
fn keys_of_openssl_work_in_both_of_its_formats() {
    let rsa = |bits: &str| {
        let bits = format!("rsa_keygen_bits:{bits}");
        openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &bits], "")
    };
    let (Some(key), Some(short)) = (rsa("2048"), rsa("1024")) else {
        println!("SKIPPED: keys_of_openssl_work_in_both_of_its_formats: no openssl");
        return;
    };
    let cert = params(-1..10).self_signed(&KeyPair::from_pem(&key).unwrap());
    let cert = cert.unwrap().pem();
    serves(&cert, &key);
    refused(&cert, &short, "ERR_TLS_KEY_INVALID");
    // Older versions write that form without being asked, and do not know the option.
    if let Some(old) = openssl(&["rsa", "-traditional"], &key) {
        assert!(old.contains("BEGIN RSA PRIVATE KEY"));
        serves(&cert, &old);
    }
    let (cert, key) = pair(-1..10);
    let old = openssl(&["ec"], &key).unwrap();
    assert!(old.contains("BEGIN EC PRIVATE KEY"));
    serves(&cert, &old);
    // With the parameters in front, as `openssl ecparam -genkey` writes it.
    let parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    serves(&cert, &format!("{parameters}{old}"));
}

#[test]
fn a_chain_leads_a_client_to_its_root() {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(authority.clone(), KeyPair::generate().unwrap());
    let root = root.unwrap();
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, "in between");
    let between = CertifiedIssuer::signed_by(authority, KeyPair::generate().unwrap(), &root);
    let between = between.unwrap();
    let key = KeyPair::generate().unwrap();
    let own = params(-1..10).signed_by(&key, &between).unwrap();
    let chain = format!("{}{}", own.pem(), between.pem());
    let identity = identity(&chain, &key.serialize_pem()).unwrap();
    // What is offered for lists of trusted ones is the server's own alone.
    assert_eq!(identity.certificate().trim(), own.pem().trim());
    let server = TlsServer::with_identity(identity, ListenerOptions::default());
    let config = trusting(&root.pem(), ALL_VERSIONS);
    let stream = server.tls_stream(config, PacedTcp::new(server.connect()));
    let mut client = server
        .open_websocket(stream, &format!("/?token={TOKEN}"), &[])
        .unwrap();
    assert!(client.answers_ping());
}

#[test]
fn the_fingerprint_is_that_of_openssl() {
    let identity = Identity::new(&Tls::SelfSigned, HOST, &[]).unwrap();
    let args = ["x509", "-noout", "-fingerprint", "-sha256"];
    let Some(shown) = openssl(&args, identity.certificate()) else {
        println!("SKIPPED: the_fingerprint_is_that_of_openssl: no openssl");
        return;
    };
    let (_, shown) = shown.trim().split_once('=').unwrap();
    assert_eq!(shown, identity.fingerprint());
}

/// The output of openssl; nothing if it is not installed.
fn openssl(args: &[&str], input: &str) -> Option<String> {
    let child = Command::new("openssl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.ok()?;
    // Who does not know an option reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap())
}
