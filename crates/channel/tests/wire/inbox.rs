//! Large messages for an application that does not take them: what they cost, and that none is lost.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use loopwire_channel::{Callback, InboxItem, ListenerOptions};

use crate::client::open_websocket;
use crate::frames::{BINARY, FIN, PING, PONG, TEXT, frame, served};
use crate::support::process::{alone, grown, status};
use crate::support::{PATIENCE, TestServer};

const MIB: usize = 1 << 20;

/// The next message for the application: its bytes.
pub(crate) fn take(callback: &Callback) -> usize {
    let start = Instant::now();
    loop {
        match callback.inbox().take() {
            Some(InboxItem::Message { data, .. }) => return data.len(),
            Some(_) => {}
            None => {
                assert!(start.elapsed() < PATIENCE, "no message comes");
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

#[test]
fn large_messages_of_many_clients_need_little_memory_while_the_application_is_blocked() {
    alone("inbox::blocked_inside");
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn blocked_inside() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let streams = (0..64).map(|_| open_websocket(&server, b"")).collect();
    grown_while_blocked(&callback, streams, &frame(FIN | BINARY, &vec![7; MIB]));
}

/// Has each client send a message of 1 MiB a few times to an application that takes none for a while.
pub(crate) fn grown_while_blocked(
    callback: &Callback,
    mut streams: Vec<TcpStream>,
    message: &[u8],
) {
    // More than the kernel's buffers of both ends take: where the machine is slow, they grow to several MiB.
    const EACH: usize = 16;
    let clients = streams.len();
    let written = AtomicUsize::new(0);
    let before = status("VmHWM:");
    std::thread::scope(|scope| {
        for stream in &mut streams {
            let written = &written;
            scope.spawn(move || {
                for _ in 0..EACH {
                    for piece in message.chunks(64 << 10) {
                        stream.write_all(piece).unwrap();
                        written.fetch_add(piece.len(), Ordering::Relaxed);
                    }
                }
            });
        }
        // Until the server reads nothing more.
        let mut last = (usize::MAX, Instant::now());
        while last.1.elapsed() < Duration::from_millis(500) {
            let now = written.load(Ordering::Relaxed);
            if now != last.0 {
                last = (now, Instant::now());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let grown = grown("VmHWM:", before);
        println!("{clients} clients that send messages of 1 MiB: {grown} KiB");
        assert!(last.0 < clients * EACH * MIB, "all of it was read");
        assert!(grown < 10 << 10, "{grown} KiB");
        // Nothing is lost.
        for _ in 0..clients * EACH {
            assert_eq!(take(callback), MIB);
        }
    });
}

/// Connections that have sent the first half of a message each.
fn begin(count: usize, server: &TestServer, message: &[u8]) -> Vec<TcpStream> {
    let half = |_| {
        let mut stream = open_websocket(server, b"");
        stream.write_all(&message[..MIB / 2]).unwrap();
        stream
    };
    (0..count).map(half).collect()
}

/// Begun messages of which no more comes fill the memory that all connections share. The others get their turn.
#[test]
fn messages_that_are_begun_and_not_continued_do_not_stop_others() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let message = frame(FIN | BINARY, &vec![7; MIB]);
    let mut begun = begin(8, &server, &message);
    let mut other = open_websocket(&server, b"");
    for _ in 0..20 {
        other.write_all(&message).unwrap();
        assert_eq!(take(&callback), MIB);
    }
    // And they go on whenever they want.
    for stream in &mut begun {
        stream.write_all(&message[MIB / 2..]).unwrap();
        assert_eq!(take(&callback), MIB);
    }
}

/// Each of them has a turn, but not a long one.
#[test]
fn many_messages_that_are_begun_hold_up_another_client_only_for_a_moment() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let message = frame(FIN | BINARY, &vec![7; MIB]);
    let begun = begin(40, &server, &message);
    let mut other = open_websocket(&server, b"");
    let start = Instant::now();
    other.write_all(&message).unwrap();
    assert_eq!(take(&callback), MIB);
    // Not 40 s.
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{:?}",
        start.elapsed()
    );
    drop(begun);
}

/// A message may be larger than what may wait for the application.
#[test]
fn a_message_of_any_size_that_is_allowed_gets_through() {
    let (server, callback) = TestServer::with_callback(ListenerOptions {
        max_message_bytes: 32 * MIB,
        ..ListenerOptions::default()
    });
    let (mut one, mut two) = (open_websocket(&server, b""), open_websocket(&server, b""));
    let body = vec![b'x'; 32 * MIB];
    std::thread::scope(|scope| {
        scope.spawn(|| one.write_all(&frame(FIN | TEXT, &body)).unwrap());
        scope.spawn(|| two.write_all(&frame(FIN | BINARY, &body)).unwrap());
        for _ in 0..2 {
            assert_eq!(take(&callback), body.len());
        }
    });
    one.write_all(&frame(FIN | PING, b"?")).unwrap();
    let mut heard = [0; 3];
    one.read_exact(&mut heard).unwrap();
    assert_eq!(heard[..], served(PONG, b"?"));
}
