//! What a client makes a server hold, in a process of its own.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};

use crate::client::{open_websocket, start_server};
use crate::frames::{BINARY, CLOSE, CONTINUATION, FIN, TEXT, closing, declares, frame, served};
use crate::support::process::{alone, grown, status};

#[test]
fn a_million_fragments_need_no_memory() {
    alone("memory::fragments_inside");
}

#[test]
fn announced_bytes_need_no_memory() {
    alone("memory::announced_inside");
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
