//! The files of the page: when they are served, in which encodings, with which headers.

use std::io::Read;

use flate2::read::GzDecoder;
use loopwire_channel::{Identity, ListenerOptions, Tls};

use crate::client::{FILES, ask, ask_as, bearer, inspected};
use crate::support::TestServer;

fn decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn without_the_option_there_is_no_such_route() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    for (path, _) in FILES {
        for headers in [String::new(), bearer()] {
            let answer = ask(&server, &format!("GET {path}"), &headers);
            assert_eq!(
                (answer.status, &answer.json()["code"]),
                (404, &"NOT_FOUND".into())
            );
            assert_eq!(ask(&server, &format!("HEAD {path}"), &headers).status, 404);
        }
    }
}

#[test]
fn the_files_are_served_without_a_token_in_the_encoding_that_the_client_takes() {
    let server = inspected();
    for (path, media_type) in FILES {
        let call = format!("GET {path}");
        let plain = ask(&server, &call, "");
        let gzip = ask(&server, &call, "Accept-Encoding: gzip, deflate, br\r\n");
        let refused = ask(&server, &call, "Accept-Encoding: br, gzip;q=0\r\n");
        for answer in [&plain, &gzip, &refused] {
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("content-type").as_deref(), Some(media_type));
            let length = answer.body.len().to_string();
            assert_eq!(answer.header("content-length"), Some(length));
            let vary = answer.header("vary").unwrap();
            assert_eq!(vary, "Accept-Encoding, Origin");
        }
        assert_eq!(plain.header("content-encoding"), None);
        assert_eq!(refused.header("content-encoding"), None);
        assert_eq!(gzip.header("content-encoding").as_deref(), Some("gzip"));
        assert!(!plain.body.is_empty());
        assert_eq!(decompressed(&gzip.body), plain.body, "{path}");
        assert_eq!(refused.body, plain.body, "{path}");
        // It is decompressed once, and is the same every time.
        assert_eq!(ask(&server, &call, "").body, plain.body, "{path}");
    }
    server.has_no_fault();
}

#[test]
fn the_page_loads_its_two_files_and_has_no_inline_script_or_style() {
    let server = inspected();
    let page = ask(&server, "GET /inspect", "");
    let page = page.text();
    for path in ["/inspect/inspector.js", "/inspect/inspector.css"] {
        assert!(page.contains(&format!("\"{path}\"")), "{page}");
    }
    assert!(
        !page.contains("<style") && !page.contains("style="),
        "{page}"
    );
    for script in page.split("<script").skip(1) {
        assert!(script.starts_with(" src=\"/inspect/"), "{script}");
    }
}

#[test]
fn the_headers_allow_nothing_that_the_page_does_not_need() {
    let server = inspected();
    let address = server.address();
    for (path, _) in FILES {
        let answer = ask(&server, &format!("GET {path}"), "");
        let policy = answer.header("content-security-policy").unwrap();
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                 form-action 'none'; frame-ancestors 'none'; connect-src 'self' ws://{address}"
            )
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name).as_deref(), Some(value), "{path}");
        }
    }
}

#[test]
fn the_policy_names_the_address_that_the_page_was_asked_at() {
    let server = inspected();
    let address = server.address();
    let policy = |host: &str| {
        let answer = ask_as(address, host, "GET /inspect", "", "");
        assert_eq!(answer.status, 200, "{host}");
        answer.header("content-security-policy").unwrap()
    };
    let name = format!("localhost:{}", address.port());
    assert!(policy(&name).ends_with(&format!("; connect-src 'self' ws://{name}")));
    // There is no address in brackets in the grammar of the policy.
    assert!(policy(&format!("[::1]:{}", address.port())).ends_with("; connect-src 'self'"));
}

#[test]
fn another_host_is_refused() {
    let server = inspected();
    for host in ["evil.example", "127.0.0.1", "evil.example; script-src *"] {
        let answer = ask_as(server.address(), host, "GET /inspect", "", "");
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (403, &"HOST_REFUSED".into())
        );
    }
}

#[test]
fn head_is_answered_without_a_body_and_other_methods_are_not() {
    let server = inspected();
    for (path, _) in FILES {
        for encoding in ["", "Accept-Encoding: gzip\r\n"] {
            let get = ask(&server, &format!("GET {path}"), encoding);
            let head = ask(&server, &format!("HEAD {path}"), encoding);
            assert_eq!((head.status, head.body.len()), (200, 0));
            for name in ["content-length", "content-type", "content-encoding"] {
                assert_eq!(head.header(name), get.header(name), "{path} {name}");
            }
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            // As on every other route, the token comes first.
            assert_eq!(ask(&server, &format!("{method} {path}"), "").status, 401);
            let answer = ask(&server, &format!("{method} {path}"), &bearer());
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow").as_deref(), Some("GET, HEAD"));
        }
    }
    for path in [
        "/inspect/",
        "/inspect/x",
        "/inspector.js",
        "/inspect/inspector.js/",
    ] {
        assert_eq!(
            ask(&server, &format!("GET {path}"), "").status,
            401,
            "{path}"
        );
        assert_eq!(
            ask(&server, &format!("GET {path}"), &bearer()).status,
            404,
            "{path}"
        );
    }
}

#[test]
fn over_tls_the_policy_names_wss() {
    let identity = Identity::new(&Tls::SelfSigned, [127, 0, 0, 1].into(), &[]).unwrap();
    let roots = rustls_roots(&identity);
    let server = TestServer::start(
        ListenerOptions {
            tls: Some(identity),
            inspector: true,
            ..ListenerOptions::default()
        },
        Vec::new(),
    );
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let session = rustls::ClientConnection::new(roots, name).unwrap();
    let mut stream = rustls::StreamOwned::new(session, server.connect());
    let address = server.address();
    let request = format!("GET /inspect HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let sources = format!("connect-src 'self' wss://{address}\r\n");
    assert!(answer.contains(&sources), "{answer}");
    assert!(answer.contains("<!doctype html>"), "{answer}");
}

fn rustls_roots(identity: &Identity) -> std::sync::Arc<rustls::ClientConfig> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(identity.certificate().as_bytes()).unwrap();
    roots.add(certificate).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    std::sync::Arc::new(config)
}
