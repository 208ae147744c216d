//! The Host and Origin rules over TLS: the certificate's names are the listener's.

use crate::setup::server::TlsServer;
use crate::support::TOKEN;
use loopwire_channel::{Identity, ListenerOptions, Reason, Tls};
use rcgen::{CertificateParams, KeyPair};
use tungstenite::Error;

/// A server whose certificate is for these names, and `localhost`.
fn server(names: &[&str], allowed_hosts: &[&str]) -> TlsServer {
    let mut all = vec!["localhost".to_owned()];
    all.extend(names.iter().map(|name| (*name).to_owned()));
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(all).unwrap().self_signed(&key);
    let tls = Tls::Pem {
        cert: cert.unwrap().pem().into_bytes(),
        key: key.serialize_pem().into_bytes(),
    };
    let identity = Identity::new(&tls, [127, 0, 0, 1].into(), &[]).unwrap();
    let options = ListenerOptions {
        allowed_hosts: allowed_hosts.iter().map(|host| (*host).into()).collect(),
        ..ListenerOptions::default()
    };
    TlsServer::with_identity(identity, options)
}

/// The status of the response; 101 if a WebSocket was opened.
fn status(server: &TlsServer, headers: &[(&'static str, &str)]) -> u16 {
    let target = format!("/?token={TOKEN}");
    match server.open_websocket(server.connect_tls(), &target, headers) {
        Ok(mut client) => {
            assert!(client.answers_ping());
            101
        }
        Err(error) => match *error {
            Error::Http(answer) => answer.status().as_u16(),
            other => panic!("{other}"),
        },
    }
}

#[test]
fn the_origin_rule_is_the_same_as_without_tls() {
    let server = server(&["loop.example"], &[]);
    let port = server.address().port();
    let own = format!("https://localhost:{port}");
    let bare = format!("http://localhost:{port}");
    // A name of the certificate's is one to be called by, not one whose pages are trusted.
    let named = format!("https://loop.example:{port}");
    assert_eq!(status(&server, &[("origin", &bare)]), 101);
    assert_eq!(status(&server, &[("origin", &named)]), 403);
    assert_eq!(status(&server, &[("origin", &own)]), 101);
    assert_eq!(status(&server, &[("origin", "https://evil.example")]), 403);
    assert_eq!(status(&server, &[("origin", "null")]), 403);
    assert_eq!(server.listener.counters().refused(Reason::Origin), 3);
}
