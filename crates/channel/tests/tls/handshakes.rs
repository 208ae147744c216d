//! Failed handshakes: they are closed in time and counted, and disturb no other client.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::setup::client::{read_to_end, write_and_read_to_end};
use crate::setup::server::TlsServer;
use crate::support::{TOKEN, TestServer};
use loopwire_channel::{ListenerOptions, RECEIVE_DEADLINE, Reason};
use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// A client's first flight.
fn hello(server: &TlsServer) -> Vec<u8> {
    let mut session = server.session(server.trusting(), "127.0.0.1");
    let mut bytes = Vec::new();
    session.write_tls(&mut bytes).unwrap();
    bytes
}

/// A ClientHello of TLS 1.1 with ciphers that there were then.
fn old_hello() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0, 0x2f, 0xc0, 0x13, 1, 0]);
    let mut message = vec![1, 0, 0, body.len() as u8];
    message.extend(body);
    let mut record = vec![22, 3, 1, 0, message.len() as u8];
    record.extend(message);
    record
}

fn refused(server: &TestServer) -> u64 {
    server.listener.counters().refused(Reason::Handshake)
}

#[test]
fn other_bytes_than_a_handshake_are_closed_at_once_and_counted() {
    let server = TlsServer::echo();
    let oversized = [&[22, 3, 1, 0xff, 0xff][..], &[0; 70_000]].concat();
    let handshake_of_megabytes = [22, 3, 1, 0, 6, 1, 0xff, 0xff, 0xff, 3, 3].to_vec();
    let plain = format!("GET /ws/{TOKEN} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let knocks = [
        plain.into_bytes(),
        vec![0; 64],
        (0..=255).collect(),
        oversized,
        handshake_of_megabytes,
        old_hello(),
        // An application's record, and an alert, before any key.
        vec![23, 3, 3, 0, 4, 1, 2, 3, 4],
        vec![21, 3, 3, 0, 2, 2, 40],
    ];
    for (before, bytes) in (0..).zip(knocks) {
        let begun = Instant::now();
        let heard = write_and_read_to_end(server.connect(), &bytes);
        // At most an alert, never HTTP.
        assert!(heard.is_empty() || heard[0] == 21, "{heard:?}");
        server.until("it is counted", |server| refused(server) == before + 1);
        assert!(begun.elapsed() < RECEIVE_DEADLINE, "{bytes:?}");
    }
    assert_eq!(server.listener.counters().panics(), 0);
    server.serves_new_client();
}

#[test]
fn only_tls_1_2_and_1_3_are_supported() {
    let server = TlsServer::echo();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut config = server.trusting();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let only = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]);
        let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(
            roots(&server),
            Arc::new(rustls::crypto::ring::default_provider()),
        );
        config.clone_from(
            &only
                .unwrap()
                .with_webpki_verifier(verifier.build().unwrap())
                .with_no_client_auth(),
        );
        let mut stream = StreamOwned::new(server.session(config, "localhost"), server.connect());
        let port = server.listener.address().port();
        write!(
            stream,
            "GET /health HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_eq!(stream.conn.protocol_version(), Some(version.version));
    }
    // TLS 1.1 gets an alert (21), if it is not lost to the reset behind it, and no handshake (22).
    let heard = write_and_read_to_end(server.connect(), &old_hello());
    assert_ne!(heard.first(), Some(&22), "{heard:?}");
    let start = std::time::Instant::now();
    while refused(&server) == 0 {
        assert!(start.elapsed() < crate::support::PATIENCE, "not counted");
        std::thread::yield_now();
    }
}

fn roots(server: &TlsServer) -> Arc<rustls::RootCertStore> {
    use rustls::pki_types::pem::PemObject;
    let pem = server.listener.identity().unwrap().certificate();
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    Arc::new(roots)
}

#[test]
fn http_1_1_is_selected_and_a_client_with_only_http_2_is_refused() {
    let server = TlsServer::echo();
    let offer = |protocols: &[&[u8]]| {
        let mut config = server.trusting();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let mut stream = StreamOwned::new(server.session(config, "localhost"), server.connect());
        let agreed = stream.conn.complete_io(&mut stream.sock);
        agreed.map(|_| stream.conn.alpn_protocol().map(<[u8]>::to_vec))
    };
    assert_eq!(offer(&[]).unwrap(), None);
    assert_eq!(offer(&[b"http/1.1"]).unwrap().unwrap(), b"http/1.1");
    assert_eq!(offer(&[b"h2", b"http/1.1"]).unwrap().unwrap(), b"http/1.1");
    let error = offer(&[b"h2"]).unwrap_err().to_string();
    assert!(error.contains("NoApplicationProtocol"), "{error}");
    server.until("it is counted", |server| refused(server) == 1);
}

#[test]
fn a_client_that_does_not_trust_the_certificate_is_counted() {
    let (server, other) = (TlsServer::echo(), TlsServer::echo());
    let session = server.session(other.trusting(), "localhost");
    let mut stream = StreamOwned::new(session, server.connect());
    assert!(stream.write_all(b"GET / HTTP/1.1\r\n\r\n").is_err());
    drop(stream);
    server.until("it is counted", |server| {
        refused(server) + server.listener.counters().refused(Reason::Broken) == 1
    });
    server.serves_new_client();
}

#[test]
fn no_session_is_resumed() {
    let server = TlsServer::echo();
    let config = server.trusting();
    for _ in 0..2 {
        // The same configuration remembers what it was given.
        let mut stream = StreamOwned::new(
            server.session(config.clone(), "localhost"),
            server.connect(),
        );
        let port = server.listener.address().port();
        write!(
            stream,
            "GET /health HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
        )
        .unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
        assert_eq!(
            stream.conn.handshake_kind(),
            Some(rustls::HandshakeKind::Full)
        );
    }
}

#[test]
fn an_incomplete_handshake_or_request_ends_with_one_deadline() {
    let server = TlsServer::echo();
    let first = hello(&server);
    let begun = Instant::now();
    let (silent, half, dripping) = (server.connect(), server.connect(), server.connect());
    (&half).write_all(&first[..first.len() / 2]).unwrap();
    // The handshake as a whole has 5 seconds, however steadily it goes on.
    let drip = dripping.try_clone().unwrap();
    let dripper = std::thread::spawn(move || {
        for byte in first {
            if (&drip).write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    // TLS is through, the head never comes: what the handshake took is taken from it.
    let mut sealed = server.connect_tls();
    sealed.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    for stream in [silent, half, dripping] {
        read_to_end(stream);
    }
    let _ = sealed.read_to_end(&mut Vec::new());
    assert!(begun.elapsed() > RECEIVE_DEADLINE / 2);
    server.until("all four are counted", |server| {
        server.listener.counters().refused(Reason::Deadline) == 4
    });
    server.until("no connection is pending", |server| {
        server.listener.counters().open_heads() == 0
    });
    dripper.join().unwrap();
    server.serves_new_client();
}

#[test]
fn incomplete_handshakes_do_not_lock_out_other_clients() {
    let server = TlsServer::echo();
    let first = hello(&server);
    let openers: Vec<TcpStream> = (0..300)
        .map(|_| {
            let stream = server.connect();
            // It may have been closed already.
            let _ = (&stream).write_all(&first[..40]);
            stream
        })
        .collect();
    server.serves_new_client();
    assert!(server.listener.counters().open_heads() <= 64);
    assert!(server.listener.counters().refused(Reason::Crowded) > 200);
    drop(openers);
}

/// A stream that ends after this many bytes.
struct Cut {
    stream: TcpStream,
    left: usize,
}

impl Write for Cut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let some = bytes.len().min(self.left);
        if some == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.left -= some;
        self.stream.write_all(&bytes[..some]).map(|()| some)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Cut {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

#[test]
fn a_handshake_may_end_at_every_byte() {
    let server = TlsServer::echo();
    let address = server.listener.address();
    let request = format!(
        "GET /ws/{TOKEN} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let attempt = |bytes: usize| {
        let stream = server.connect();
        let end = stream.try_clone().unwrap();
        let session: ClientConnection = server.session(server.trusting(), "127.0.0.1");
        let mut sealed = StreamOwned::new(
            session,
            Cut {
                stream,
                left: bytes,
            },
        );
        let written = sealed.write_all(request.as_bytes());
        let flushed = written.and_then(|()| sealed.flush());
        let left = sealed.sock.left;
        // Nothing more will come; what the other side does then ends in an end.
        end.shutdown(Shutdown::Write).unwrap();
        read_to_end(end);
        (flushed.is_ok(), left)
    };
    let much = 1 << 20;
    let (whole, left) = attempt(much);
    assert!(whole);
    let total = much - left;
    assert!(total > 400, "{total}");
    for bytes in 0..total {
        assert!(!attempt(bytes).0, "{bytes} of {total}");
    }
    server.until("nothing is left", |server| {
        server.listener.connected() == 0 && server.listener.counters().open_heads() == 0
    });
    assert_eq!(server.listener.counters().panics(), 0);
    server.serves_new_client();
}

#[test]
fn tls_on_a_plain_port_is_refused() {
    let tls = TlsServer::echo();
    let plain = TestServer::echo(ListenerOptions::default());
    let received = write_and_read_to_end(plain.connect(), &hello(&tls));
    assert!(
        received.is_empty() || received.starts_with(b"HTTP/1.1 400 "),
        "{received:?}"
    );
    plain.until("it is counted", |server| {
        server.listener.counters().refused(Reason::Broken) == 1
    });
}
