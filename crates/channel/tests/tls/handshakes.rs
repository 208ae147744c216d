//! Handshakes that go wrong: closed in time, counted, and nobody else notices.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{ListenerOptions, RECEIVE_DEADLINE, Reason};
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::house::{House, TOKEN, ended, knock};

/// A client's first flight.
fn hello(house: &House) -> Vec<u8> {
    let mut session = house.session(house.trusting(), "127.0.0.1");
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

fn refused(house: &House) -> u64 {
    house.listener.counters().refused(Reason::Handshake)
}

#[test]
fn what_is_no_handshake_is_closed_at_once_and_counted() {
    let house = House::open();
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
        let heard = knock(house.connect(), &bytes);
        // At most an alert: never a word of HTTP.
        assert!(heard.is_empty() || heard[0] == 21, "{heard:?}");
        house.until("it is counted", |house| refused(house) == before + 1);
        assert!(begun.elapsed() < RECEIVE_DEADLINE, "{bytes:?}");
    }
    assert_eq!(house.listener.counters().panics(), 0);
    house.serves();
}

#[test]
fn only_tls_1_2_and_1_3_are_spoken() {
    let house = House::open();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut config = house.trusting();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let only = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]);
        let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(
            roots(&house),
            Arc::new(rustls::crypto::ring::default_provider()),
        );
        config.clone_from(
            &only
                .unwrap()
                .with_webpki_verifier(verifier.build().unwrap())
                .with_no_client_auth(),
        );
        let mut stream = StreamOwned::new(house.session(config, "localhost"), house.connect());
        let port = house.listener.address().port();
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
    let heard = knock(house.connect(), &old_hello());
    assert_ne!(heard.first(), Some(&22), "{heard:?}");
    let start = std::time::Instant::now();
    while refused(&house) == 0 {
        assert!(start.elapsed() < crate::house::PATIENCE, "not counted");
        std::thread::yield_now();
    }
}

fn roots(house: &House) -> Arc<rustls::RootCertStore> {
    use rustls::pki_types::pem::PemObject;
    let pem = house.listener.identity().unwrap().certificate();
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    Arc::new(roots)
}

#[test]
fn http_1_1_is_agreed_on_and_a_client_of_http_2_alone_is_told_no() {
    let house = House::open();
    let offer = |protocols: &[&[u8]]| {
        let mut config = house.trusting();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let mut stream = StreamOwned::new(house.session(config, "localhost"), house.connect());
        let agreed = stream.conn.complete_io(&mut stream.sock);
        agreed.map(|_| stream.conn.alpn_protocol().map(<[u8]>::to_vec))
    };
    assert_eq!(offer(&[]).unwrap(), None);
    assert_eq!(offer(&[b"http/1.1"]).unwrap().unwrap(), b"http/1.1");
    assert_eq!(offer(&[b"h2", b"http/1.1"]).unwrap().unwrap(), b"http/1.1");
    let error = offer(&[b"h2"]).unwrap_err().to_string();
    assert!(error.contains("NoApplicationProtocol"), "{error}");
    house.until("it is counted", |house| refused(house) == 1);
}

#[test]
fn a_client_that_does_not_trust_the_certificate_is_counted() {
    let (house, other) = (House::open(), House::open());
    let session = house.session(other.trusting(), "localhost");
    let mut stream = StreamOwned::new(session, house.connect());
    assert!(stream.write_all(b"GET / HTTP/1.1\r\n\r\n").is_err());
    drop(stream);
    house.until("it is counted", |house| {
        refused(house) + house.listener.counters().refused(Reason::Broken) == 1
    });
    house.serves();
}

#[test]
fn no_session_is_remembered() {
    let house = House::open();
    let config = house.trusting();
    for _ in 0..2 {
        // The same configuration remembers what it was given.
        let mut stream =
            StreamOwned::new(house.session(config.clone(), "localhost"), house.connect());
        let port = house.listener.address().port();
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
fn whoever_stops_in_the_middle_is_closed_by_the_one_deadline() {
    let house = House::open();
    let first = hello(&house);
    let begun = Instant::now();
    let (silent, half, dripping) = (house.connect(), house.connect(), house.connect());
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
    let mut sealed = house.seal();
    sealed.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    for stream in [silent, half, dripping] {
        ended(stream);
    }
    let _ = sealed.read_to_end(&mut Vec::new());
    assert!(begun.elapsed() > RECEIVE_DEADLINE / 2);
    house.until("all four are counted", |house| {
        house.listener.counters().refused(Reason::Deadline) == 4
    });
    house.until("the lobby is empty", |house| {
        house.listener.counters().open_heads() == 0
    });
    dripper.join().unwrap();
    house.serves();
}

#[test]
fn half_handshakes_keep_nobody_out() {
    let house = House::open();
    let first = hello(&house);
    let openers: Vec<TcpStream> = (0..300)
        .map(|_| {
            let stream = house.connect();
            // It may have been turned out already.
            let _ = (&stream).write_all(&first[..40]);
            stream
        })
        .collect();
    house.serves();
    assert!(house.listener.counters().open_heads() <= 64);
    assert!(house.listener.counters().refused(Reason::Crowded) > 200);
    drop(openers);
}

/// A stream whose owner is gone after so many bytes.
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
fn a_handshake_may_be_cut_at_every_byte() {
    let house = House::open();
    let address = house.listener.address();
    let request = format!(
        "GET /ws/{TOKEN} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let attempt = |bytes: usize| {
        let stream = house.connect();
        let end = stream.try_clone().unwrap();
        let session: ClientConnection = house.session(house.trusting(), "127.0.0.1");
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
        ended(end);
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
    house.until("nothing is left", |house| {
        house.listener.connected() == 0 && house.listener.counters().open_heads() == 0
    });
    assert_eq!(house.listener.counters().panics(), 0);
    house.serves();
}

#[test]
fn tls_on_a_bare_port_is_no_request() {
    let sealed = House::open();
    let bare = House::build(ListenerOptions::default());
    let heard = knock(bare.connect(), &hello(&sealed));
    assert!(
        heard.is_empty() || heard.starts_with(b"HTTP/1.1 400 "),
        "{heard:?}"
    );
    bare.until("it is counted", |house| {
        house.listener.counters().refused(Reason::Broken) == 1
    });
}
