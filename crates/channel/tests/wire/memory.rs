//! What a client makes a server hold, in a process of its own.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::TcpStream;

use loopwire_channel::ListenerOptions;

use crate::client::{open_websocket, open_websocket_at, start_server};
use crate::frames::{BINARY, CLOSE, CONTINUATION, FIN, TEXT, closing, declares, frame, served};
use crate::support::process::{alone, grown, status};
use crate::support::{TOKEN, TestServer};

/// How many idle connections there are at a time. With the clients' sockets they fit into the usual 1,024 descriptors.
const IDLE: u64 = 400;

#[test]
fn a_million_fragments_need_no_memory() {
    alone("memory::fragments_inside");
}

#[test]
fn announced_bytes_need_no_memory() {
    alone("memory::announced_inside");
}

#[test]
fn an_idle_connection_needs_a_few_kilobytes() {
    // A process for each: what one kind has left to the allocator, the next would take.
    alone("memory::idle_sdk_inside");
    alone("memory::idle_sandbox_inside");
    alone("memory::idle_v1_inside");
}

/// Measures connections that are open and silent.
fn idle(target: &str) {
    let server = TestServer::start(
        ListenerOptions {
            max_connections: 1 + IDLE as usize,
            ..ListenerOptions::default()
        },
        Vec::new(),
    );
    let open = || open_websocket_at(&server, target, b"");
    let first = open();
    let before = status("VmRSS:");
    let idle: Vec<TcpStream> = (0..IDLE).map(|_| open()).collect();
    server.until("all are there", |server| {
        server.listener.connected() == 1 + idle.len()
    });
    let each = (grown("VmRSS:", before) << 10) / IDLE;
    println!("an idle connection of {target}: {each} bytes");
    drop((first, idle));
    // It needs about three kilobytes. It needed ten as long as it kept a buffer, and what its upgrade had used.
    assert!(each < 6_000, "{each} bytes");
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn idle_sdk_inside() {
    idle(&format!("/ws/{TOKEN}"));
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn idle_sandbox_inside() {
    idle(&format!("/?token={TOKEN}"));
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn idle_v1_inside() {
    idle(&format!("/?token={TOKEN}&v=1"));
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn fragments_inside() {
    let server = start_server();
    let end = served(
        CLOSE,
        &closing(1008, b"too many control frames or fragments"),
    );
    let flood = frame(CONTINUATION, b"x").repeat(1_000);
    let attack = |fragments: usize| {
        let mut stream = open_websocket(&server, b"");
        stream.write_all(&frame(TEXT, b"x")).unwrap();
        for _ in 0..fragments / 1_000 {
            stream.write_all(&flood).unwrap();
        }
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).unwrap();
        assert_eq!(heard, end);
    };
    attack(200_000);
    let before = status("VmHWM:");
    attack(1_000_000);
    let grown = grown("VmHWM:", before);
    println!("1,000,000 fragments: {grown} KiB");
    assert!(grown <= 2 << 10, "{grown} KiB");
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn announced_inside() {
    let server = start_server();
    let end = served(
        CLOSE,
        &closing(1009, b"the message is larger than maxMessageBytes"),
    );
    let announce = |len: u64| {
        let mut stream = open_websocket(&server, b"");
        stream.write_all(&declares(FIN | BINARY, len)).unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).unwrap();
        assert_eq!(heard, end);
    };
    announce(2 << 20);
    let before = status("VmPeak:");
    // Address space, too, and several at once would have to come from somewhere.
    for gib in 1..=16 {
        announce(gib << 30);
    }
    let grown = grown("VmPeak:", before);
    println!("16 announcements of gigabytes: {grown} KiB");
    // A thread's arena is 64 MiB of addresses.
    assert!(grown < 512 << 10, "{grown} KiB");
}
