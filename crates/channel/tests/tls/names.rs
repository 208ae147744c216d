//! The names under which a listener with a certificate may be addressed: in TLS, and in the Host header.

use std::io::{Read, Write};
use std::net::IpAddr;

use loopwire_channel::{Identity, ListenerOptions, Tls};
use rcgen::SanType;
use rcgen::string::Ia5String;
use rustls::StreamOwned;

use crate::certificates::pair;
use crate::setup::server::TlsServer;

/// The status of `GET /health`, called by a name in the TLS handshake and by another in the Host header.
fn health(server: &TlsServer, name: &str, host: &str) -> Result<String, std::io::Error> {
    let session = server.session(server.trusting(), name);
    let mut stream = StreamOwned::new(session, server.connect());
    write!(stream, "GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
    let mut answer = String::new();
    // To the end, and that an orderly one.
    stream.read_to_string(&mut answer)?;
    Ok(answer.split(' ').nth(1).unwrap_or_default().to_owned())
}

#[test]
fn a_generated_certificate_has_all_names_that_the_guard_admits() {
    let allowed = [
        "App.test".to_owned(),
        "other.test:8443".to_owned(),
        "10.1.2.3".to_owned(),
    ];
    let identity = Identity::new(&Tls::SelfSigned, [127, 0, 0, 1].into(), &allowed).unwrap();
    let server = TlsServer::echo_with(ListenerOptions {
        tls: Some(identity),
        allowed_hosts: allowed.to_vec(),
        ..ListenerOptions::default()
    });
    let port = server.listener.address().port();
    for name in ["localhost", "127.0.0.1", "app.test", "10.1.2.3"] {
        let host = format!("{name}:{port}");
        assert_eq!(health(&server, name, &host).unwrap(), "200", "{name}");
    }
    assert_eq!(
        health(&server, "::1", &format!("[::1]:{port}")).unwrap(),
        "200"
    );
    assert_eq!(
        health(&server, "other.test", "other.test:8443").unwrap(),
        "200"
    );
    // The port matters, and another name is neither in the certificate nor admitted.
    assert_eq!(health(&server, "localhost", "localhost").unwrap(), "403");
    assert!(health(&server, "evil.test", "localhost").is_err());
    assert_eq!(
        health(&server, "localhost", &format!("evil.test:{port}")).unwrap(),
        "403"
    );
}

#[test]
fn a_wildcard_address_is_reached_by_the_addresses_of_the_interfaces() {
    let wildcard: IpAddr = [0, 0, 0, 0].into();
    let identity = Identity::new(&Tls::SelfSigned, wildcard, &[]).unwrap();
    let server = TlsServer::echo_with(ListenerOptions {
        tls: Some(identity),
        ..ListenerOptions::default()
    });
    let port = server.listener.address().port();
    for interface in if_addrs::get_if_addrs().unwrap() {
        let name = interface.ip().to_string();
        let host = format!("127.0.0.1:{port}");
        assert_eq!(health(&server, &name, &host).unwrap(), "200", "{name}");
    }
}

#[test]
fn the_names_of_a_given_certificate_are_admitted_as_hosts_without_being_listed() {
    let given = pair(|params| {
        let name = |text: &str| SanType::DnsName(Ia5String::try_from(text).unwrap());
        params.subject_alt_names = vec![
            name("Sandbox.example"),
            name("*.wild.example"),
            SanType::IpAddress([127, 0, 0, 1].into()),
            SanType::IpAddress([192, 0, 2, 7].into()),
        ];
    });
    let tls = Tls::Pem {
        cert: given.cert.into(),
        key: given.key.into(),
    };
    let server = TlsServer::echo_with(ListenerOptions {
        tls: Some(Identity::new(&tls, [127, 0, 0, 1].into(), &[]).unwrap()),
        ..ListenerOptions::default()
    });
    let port = server.listener.address().port();
    for (host, status) in [
        ("sandbox.example", "200"),
        ("192.0.2.7", "200"),
        ("127.0.0.1", "200"),
        ("localhost", "200"),
        ("wild.example", "403"),
        ("a.wild.example", "200"),
        ("A.Wild.Example", "200"),
        ("a.b.wild.example", "403"),
        ("*.wild.example", "403"),
    ] {
        let host = format!("{host}:{port}");
        assert_eq!(
            health(&server, "127.0.0.1", &host).unwrap(),
            status,
            "{host}"
        );
    }
}
