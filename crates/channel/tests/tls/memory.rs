//! What bad handshakes leave behind, in a process of its own: nothing.
#![cfg(target_os = "linux")]

use std::io::Write as _;

use crate::house::{House, knock};
use crate::process::{alone, descriptors, status};

/// Bad handshakes at a time.
const BATCH: usize = 300;

/// What a later batch may leave in memory: the allocator's own unrest (QUALITY section 2).
const UNREST_KIB: u64 = 512;

#[test]
fn bad_handshakes_leave_nothing_behind() {
    alone("memory::inside");
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn inside() {
    let house = House::open();
    let batch = || {
        for at in 0..BATCH {
            match at % 3 {
                // Half a record, and gone: whoever waits for the deadline would take minutes here.
                0 => drop(house.connect().write_all(&[22, 3, 1, 0, 1, 9])),
                1 => drop(knock(house.connect(), b"GET / HTTP/1.1\r\n\r\n")),
                // The keys are agreed on, and then it is gone.
                _ => {
                    let mut stream = house.seal();
                    let _ = stream.conn.complete_io(&mut stream.sock);
                }
            }
        }
        house.until("the lobby is empty", |house| {
            house.listener.counters().open_heads() == 0
        });
    };
    batch();
    batch();
    let open = descriptors();
    let grown: Vec<u64> = (0..4)
        .map(|_| {
            let before = status("VmRSS:");
            batch();
            status("VmRSS:").saturating_sub(before)
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
    house.until("descriptors are back", |_| descriptors() <= open);
}
