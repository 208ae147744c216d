//! Clients without a token that ask for the page's script and do not read it.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::net::TcpStream;
use std::time::Instant;

use loopwire_channel::{Event, Topic};
use socket2::{Domain, Socket, Type};
use tungstenite::Message;

use crate::client::{ask, bearer, connect, inspected};
use crate::support::{PATIENCE, TOKEN, TestServer, process, receive_data};

/// More than may wait for their response to be read (256), and than may be connected (256). `READERS` sets another number.
const READERS: usize = 400;

/// What the listener may need for all of them, in KiB: the file is there once, and each that waits has a task with its buffers.
const MEMORY: u64 = 32 << 10;

fn deaf(server: &TestServer) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    socket.connect(&server.address().into()).unwrap();
    let mut stream = TcpStream::from(socket);
    let host = server.address();
    let request = format!("GET /inspect/inspector.js HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

#[test]
fn readers_that_do_not_read_keep_nobody_out() {
    process::alone("readers::beside_readers_that_do_not_read");
}

#[test]
#[ignore = "measures its process: run by readers_that_do_not_read_keep_nobody_out"]
fn beside_readers_that_do_not_read() {
    let readers = std::env::var("READERS").map_or(READERS, |count| count.parse().unwrap());
    let server = inspected();
    // The first one makes the listener decompress the file.
    ask(&server, "GET /inspect/inspector.js", "");
    let (memory, descriptors) = (process::status("VmRSS:"), process::descriptors());
    let deaf: Vec<_> = (0..readers).map(|_| deaf(&server)).collect();
    let begun = Instant::now();
    let mut client = connect(&server, &format!("/?token={TOKEN}"), 1);
    let event = Event::payload(Topic::APP, "news", "heard");
    server.journal.publish_now(&event).unwrap();
    assert!(matches!(receive_data(&mut client), Message::Text(text) if text.contains("heard")));
    assert_eq!(ask(&server, "GET /metrics", &bearer()).status, 200);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    let grown = process::grown("VmHWM:", memory);
    println!("{readers} readers: {:?}, {grown} KiB", begun.elapsed());
    assert!(grown < MEMORY, "{grown} KiB");
    // The listener gives up their sockets although they stay.
    server.until("their sockets are closed", |_| {
        process::descriptors() < descriptors + readers + 32
    });
    drop(deaf);
    server.has_no_fault();
}
