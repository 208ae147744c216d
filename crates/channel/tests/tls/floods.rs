//! Floods of clients that open connections and do not complete their handshakes: other clients get in nevertheless.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use loopwire_channel::Reason;
use rustls::StreamOwned;
use tokio_util::sync::CancellationToken;

use crate::setup::server::TlsServer;
use crate::support::{PATIENCE, flood};

/// How many connections the attacker keeps open. Each is opened again as soon as it is closed.
const OPENERS: usize = 1_000;

/// A round trip in a house, and one in a machine. In the first one a flood passes all 64 places of silent connections; a
/// flood of handshakes costs the server work, so it is slower.
const NEAR: Duration = Duration::from_millis(20);
const HERE: Duration = Duration::from_millis(1);

/// How long the attack is watched.
const WATCHED: Duration = Duration::from_millis(2_000);

/// A connection to a server that is a round trip away.
struct Distant(std::net::TcpStream, Duration);

impl Read for Distant {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.0.read(buffer);
        std::thread::sleep(self.1);
        bytes
    }
}

impl Write for Distant {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whether a client that is a round trip away gets its answer.
fn is_answered(server: &TlsServer, round_trip: Duration) -> bool {
    let session = server.session(server.trusting(), "localhost");
    let mut stream = StreamOwned::new(session, Distant(server.connect(), round_trip));
    let port = server.listener.address().port();
    let head = format!("GET /health HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    let mut answer = String::new();
    let answered = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.read_to_string(&mut answer));
    answered.is_ok() && answer.starts_with("HTTP/1.1 200 ")
}

/// Checks that clients are answered in time while connections that begin like this are opened without end.
fn keeps_nobody_out(what: &str, round_trip: Duration, start: impl Fn(&TlsServer) -> Vec<u8>) {
    let server = TlsServer::echo();
    let crowded = || server.listener.counters().refused(Reason::Crowded);
    let done = CancellationToken::new();
    let start = start(&server);
    let port = server.listener.address().port();
    let attack = flood(port, vec![start; OPENERS], done.clone());
    server.until("the attack is on", |_| crowded() > OPENERS as u64);
    let (begun, before) = (Instant::now(), crowded());
    let (mut times, mut turned_out) = (Vec::new(), 0);
    while begun.elapsed() < WATCHED {
        let start = Instant::now();
        match is_answered(&server, round_trip) {
            true => times.push(start.elapsed()),
            false => turned_out += 1,
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let rate = (crowded() - before) as f64 / begun.elapsed().as_secs_f64();
    done.cancel();
    attack.join().unwrap();
    times.sort();
    let count = times.len();
    let median = times.get(count / 2).copied().unwrap_or(PATIENCE);
    let worst = times.last().copied().unwrap_or(PATIENCE);
    println!(
        "{what}: {rate:.0} a second; {count} good clients, {turned_out} turned out: median {median:?}, worst {worst:?}"
    );
    // A client that the machine itself stops between its connect and its handshake can be unlucky.
    assert!(
        turned_out * 20 <= count,
        "{turned_out} turned out, {count} answered"
    );
    // The figures are printed; what is asserted leaves room for a busy machine.
    assert!(
        median < Duration::from_millis(500),
        "median {median:?}, worst {worst:?}"
    );
    server.until("all openers are gone", |server| {
        server.listener.counters().open_heads() == 0
    });
    assert_eq!(server.listener.counters().panics(), 0);
}

/// A client's first flight.
fn hello(server: &TlsServer) -> Vec<u8> {
    let mut session = server.session(server.trusting(), "127.0.0.1");
    let mut bytes = Vec::new();
    session.write_tls(&mut bytes).unwrap();
    bytes
}

#[test]
fn silent_openers_keep_no_tls_client_out() {
    keeps_nobody_out("silent", NEAR, |_| Vec::new());
}

#[test]
fn openers_of_half_a_handshake_keep_no_tls_client_out() {
    keeps_nobody_out("half a hello", NEAR, |server| {
        let hello = hello(server);
        hello[..hello.len() / 2].to_vec()
    });
}

#[test]
fn openers_that_do_not_go_on_after_their_hello_keep_no_tls_client_out() {
    keeps_nobody_out("a hello", HERE, hello);
}
