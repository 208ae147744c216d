//! Certificates and keys in texts as editors and other tools leave them, and keys for which there is no algorithm.

use std::process::Command;

use loopwire_channel::{Identity, ListenerOptions, Tls, TlsError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::StreamOwned;

use crate::setup::client::trusting;
use crate::setup::server::TlsServer;

/// A server's certificate, an intermediate that has signed it, the root, and the server's key.
struct Chain {
    own: String,
    between: String,
    root: String,
    key: String,
}

fn chain() -> Chain {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(authority.clone(), KeyPair::generate().unwrap());
    let root = root.unwrap();
    authority
        .distinguished_name
        .push(DnType::CommonName, "in between");
    let between = CertifiedIssuer::signed_by(authority, KeyPair::generate().unwrap(), &root);
    let between = between.unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    Chain {
        own: params.signed_by(&key, &between).unwrap().pem(),
        between: between.pem(),
        root: root.pem(),
        key: key.serialize_pem(),
    }
}

fn identity(cert: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Identity, TlsError> {
    let tls = Tls::Pem {
        cert: cert.as_ref().to_vec(),
        key: key.as_ref().to_vec(),
    };
    Identity::new(&tls, [127, 0, 0, 1].into(), &[])
}

/// Whether a client that knows the root alone completes a handshake: it needs the intermediate.
fn is_trusted(identity: Identity, root: &str) -> bool {
    let server = TlsServer::with_identity(identity, ListenerOptions::default());
    let session = server.session(trusting(root, rustls::ALL_VERSIONS), "localhost");
    let mut stream = StreamOwned::new(session, server.connect());
    while stream.conn.is_handshaking() {
        if stream.conn.complete_io(&mut stream.sock).is_err() {
            return false;
        }
    }
    true
}

#[test]
fn every_block_of_a_chain_is_served_whatever_stands_before_it() {
    let Chain {
        own,
        between,
        root,
        key,
    } = chain();
    let old = |text: &str| text.replace(" CERTIFICATE", " X509 CERTIFICATE");
    for (what, cert) in [
        ("plain", format!("{own}{between}")),
        ("a mark", format!("\u{feff}{own}{between}")),
        ("a mark between", format!("{own}\u{feff}{between}")),
        ("marks", format!("\u{feff}{own}\u{feff}{between}\u{feff}")),
        ("CRLF", format!("{own}{between}").replace('\n', "\r\n")),
        ("CR", format!("{own}{between}").replace('\n', "\r")),
        (
            "indented",
            format!("\n{own}{between}").replace('\n', "\n    "),
        ),
        (
            "no last line end",
            format!("{own}{between}").trim_end().to_owned(),
        ),
        (
            "text",
            format!("subject=a\n\n{own}\nissuer=b\n{between}the end"),
        ),
        ("old labels", format!("{}{}", old(&own), old(&between))),
    ] {
        assert!(is_trusted(identity(&cert, &key).unwrap(), &root), "{what}");
    }
    assert!(!is_trusted(identity(&own, &key).unwrap(), &root));
    for text in [
        format!("\u{feff}{key}"),
        format!("\n  {}", key.replace('\n', "\r\n  ")),
        key.trim_end().to_owned(),
        format!("this key is not ENCRYPTED\n{key}"),
    ] {
        assert!(identity(&own, &text).is_ok(), "{text:?}");
    }
}

#[test]
fn a_block_that_is_not_read_is_an_error_with_its_number() {
    let Chain {
        own, between, key, ..
    } = chain();
    let said = |cert: &str, key: &str| {
        let error = identity(cert, key).unwrap_err();
        (error.code(), error.to_string())
    };
    for second in [
        format!("x{between}"),
        format!("\u{a0}{between}"),
        between.replace("-----BEGIN", "----BEGIN"),
        between.replace("-----END", "----END"),
        between[..100].to_owned(),
        "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n".to_owned(),
    ] {
        let (code, text) = said(&format!("{own}{second}"), &key);
        assert_eq!(code, "ERR_TLS_CERT_INVALID", "{text}");
        assert!(text.contains("block 2 "), "{text}");
    }
    // Put together without a line end.
    let (code, text) = said(&format!("{}{between}", own.trim_end()), &key);
    assert_eq!(code, "ERR_TLS_CERT_INVALID");
    assert!(text.contains("block 1 "), "{text}");
    let (code, text) = said(&own, &format!("x{key}"));
    assert_eq!(code, "ERR_TLS_KEY_INVALID");
    assert!(
        text.contains("tls.key") && text.contains("block 1 "),
        "{text}"
    );
    let wide = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let error = identity(wide(&own), &key).unwrap_err();
    assert_eq!(error.code(), "ERR_TLS_CERT_INVALID");
    assert!(error.to_string().contains("UTF-16"), "{error}");
    let error = identity(&own, wide(&key)).unwrap_err();
    assert_eq!(error.code(), "ERR_TLS_KEY_INVALID");
    assert!(error.to_string().contains("UTF-16"), "{error}");
}

/// A directory of its own; openssl's files are in it.
struct Openssl(std::path::PathBuf);

impl Openssl {
    fn new(name: &str) -> Option<Self> {
        let dir = std::env::temp_dir().join(format!("loopwire-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let made = Self(dir);
        if made.run("version", &[]).is_none() {
            println!("SKIPPED: {name}: no openssl");
            return None;
        }
        Some(made)
    }

    fn run(&self, command: &str, args: &[&str]) -> Option<()> {
        let mut openssl = Command::new("openssl");
        let output = openssl
            .arg(command)
            .args(args)
            .current_dir(&self.0)
            .output();
        output.ok()?.status.success().then_some(())
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// A key of this kind and a certificate for it.
    fn pair(&self, key: &[&str]) -> (String, String) {
        let request = ["-x509", "-nodes", "-days", "9", "-subj", "/CN=a"];
        let out = [
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
            "-addext",
            "subjectAltName=DNS:localhost",
        ];
        self.run("req", &[&request, key, &out].concat()).unwrap();
        (self.read("cert.pem"), self.read("key.pem"))
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_trusted_certificate_of_openssl_is_served_as_the_certificate_in_it() {
    let Some(openssl) = Openssl::new("a_trusted_certificate_of_openssl") else {
        return;
    };
    let (cert, key) = openssl.pair(&["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let args = [
        "-in",
        "cert.pem",
        "-trustout",
        "-addtrust",
        "serverAuth",
        "-out",
        "trusted.pem",
    ];
    openssl.run("x509", &args).unwrap();
    let trusted = openssl.read("trusted.pem");
    assert!(trusted.starts_with("-----BEGIN TRUSTED CERTIFICATE-----"));
    assert!(trusted.len() > cert.len() + 2 * "TRUSTED ".len());
    let served = identity(&trusted, &key).unwrap();
    assert_eq!(
        served.fingerprint(),
        identity(&cert, &key).unwrap().fingerprint()
    );
    assert_eq!(served.certificate().trim(), cert.trim());
}

#[test]
fn keys_without_an_algorithm_are_named_at_the_start() {
    let Some(openssl) = Openssl::new("keys_without_an_algorithm") else {
        return;
    };
    let ec = |curve: &'static str| vec!["-newkey", "ec", "-pkeyopt", curve];
    for (key, named) in [
        (ec("ec_paramgen_curve:P-521"), "P-521"),
        (ec("ec_paramgen_curve:secp256k1"), "1.3.132.0.10"),
        (
            vec!["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"],
            "RSA-PSS",
        ),
        (vec!["-newkey", "ed448"], "Ed448"),
    ] {
        let (cert, key) = openssl.pair(&key);
        let error = identity(&cert, &key).unwrap_err();
        assert_eq!(error.code(), "ERR_TLS_KEY_UNSUPPORTED", "{error}");
        let said = error.to_string();
        assert!(said.contains(named) && said.contains("P-384"), "{said}");
    }
    // Those beside them work.
    for key in [
        ec("ec_paramgen_curve:P-384"),
        vec!["-newkey", "rsa:3072"],
        vec!["-newkey", "ed25519"],
    ] {
        let (cert, key) = openssl.pair(&key);
        assert!(identity(&cert, &key).is_ok(), "{cert}");
    }
}
