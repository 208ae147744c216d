//! The memory of connections over TLS, measured in a process of its own.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::net::TcpStream;

use crate::records::to_end;
use crate::setup::server::TlsServer;
use crate::support::process::{alone, descriptors, grown, status};

/// How many clients there are in a batch.
const BATCH: u64 = 300;

/// Batches after which all that is allocated once is there.
const WARM: usize = 3;

/// Batches that are measured.
const MEASURED: usize = 6;

#[test]
fn connections_leave_no_memory_behind() {
    alone("connection_memory::connections_inside");
}

#[test]
fn an_idle_connection_needs_little_memory() {
    alone("connection_memory::idle_inside");
}

/// Has batches of clients come and go, and looks at what stays.
fn leaves_nothing(server: &TlsServer, what: &str, client: impl Fn(u64)) {
    let batch = || {
        (0..BATCH).for_each(&client);
        server.until("all are gone", |server| {
            server.listener.connected() == 0 && server.listener.counters().open_heads() == 0
        });
    };
    (0..WARM).for_each(|_| batch());
    let (kib, open) = (status("VmRSS:"), descriptors());
    (0..MEASURED).for_each(|_| batch());
    let grown = grown("VmRSS:", kib);
    // The last ones are closed a moment after they are no longer counted.
    server.until("descriptors are as before", |_| descriptors() <= open + 4);
    println!("{what}: {grown} KiB more after {MEASURED} batches of {BATCH}");
    // A kibibyte for each would be a leak; pages that the allocator keeps are none.
    assert!(grown < BATCH * MEASURED as u64, "{what}: {grown} KiB");
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn connections_inside() {
    let server = TlsServer::start();
    leaves_nothing(&server, "clients that vanish", |_| {
        assert!(server.open_client("").answers_ping());
    });
    leaves_nothing(&server, "broken records", |_| {
        let mut client = server.open_client("");
        let tcp = &mut client.socket.get_mut().sock.tcp;
        tcp.write_all(&[23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
            .unwrap();
        tcp.write_all(&[0; 10]).unwrap();
        to_end(tcp);
    });
    server.has_no_fault();
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn idle_inside() {
    let server = TlsServer::start();
    // The client's session is dropped; its socket stays.
    let idle = || -> TcpStream {
        let mut client = server.open_client("");
        assert!(client.answers_ping());
        client.socket.get_ref().sock.tcp.try_clone().unwrap()
    };
    // One only: what more of them would leave in the allocator, those that are measured would take.
    let first = idle();
    let (before, count) = (status("VmRSS:"), 200);
    let sockets: Vec<_> = (0..count).map(|_| idle()).collect();
    assert_eq!(server.listener.connected(), 201);
    let each = grown("VmRSS:", before) / count;
    println!("an idle connection over TLS: about {each} KiB");
    drop((first, sockets));
    // Generous: what the client's sessions leave in the allocator is in it.
    assert!(each < 40, "{each} KiB");
}
