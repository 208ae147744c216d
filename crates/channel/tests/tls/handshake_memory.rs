//! Failed handshakes leave no memory behind, measured in a process of its own.
#![cfg(target_os = "linux")]

use std::io::Write as _;

use crate::setup::client::write_and_read_to_end;
use crate::setup::server::TlsServer;
use crate::support::process::{alone, descriptors, grown, status};

/// Bad handshakes at a time.
const BATCH: usize = 300;

/// How much a later batch may leave in memory: the allocator keeps some pages.
const UNREST_KIB: u64 = 512;

#[test]
fn bad_handshakes_leave_no_memory_behind() {
    alone("handshake_memory::inside");
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn inside() {
    let server = TlsServer::echo();
    let batch = || {
        for at in 0..BATCH {
            match at % 3 {
                // Half a record, and then an end: waiting for the deadline would take minutes here.
                0 => drop(server.connect().write_all(&[22, 3, 1, 0, 1, 9])),
                1 => drop(write_and_read_to_end(
                    server.connect(),
                    b"GET / HTTP/1.1\r\n\r\n",
                )),
                // The handshake is complete, and then the client disconnects.
                _ => {
                    let mut stream = server.connect_tls();
                    let _ = stream.conn.complete_io(&mut stream.sock);
                }
            }
        }
        server.until("no connection is pending", |server| {
            server.listener.counters().open_heads() == 0
        });
    };
    batch();
    batch();
    let open = descriptors();
    let grown: Vec<u64> = (0..4)
        .map(|_| {
            let before = status("VmRSS:");
            batch();
            grown("VmRSS:", before)
        })
        .collect();
    println!("{BATCH} bad handshakes at a time: {grown:?} KiB");
    // One batch may meet the allocator at a bad moment; a leak is in each of them.
    assert!(
        grown
            .iter()
            .min()
            .is_some_and(|least| *least <= UNREST_KIB / 8),
        "{grown:?}"
    );
    assert!(grown.iter().sum::<u64>() <= 4 * UNREST_KIB, "{grown:?}");
    server.until("descriptors are back", |_| descriptors() <= open);
}
