//! Ports for the tests: nobody gets one of them by chance while it is free for a moment.

use std::net::TcpListener;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Ports of one test process: its tests take some four hundred at most, and begin anew when they are through.
const BLOCK: u16 = 500;
/// Below lie the ports of well-known programs.
const FIRST: u16 = 10_000;
/// No block reaches beyond.
const LAST: u16 = 65_000;
/// Linux's own range, where the system does not tell.
const EPHEMERAL: (u16, u16) = (32_768, 60_999);

/// What the system gives to outgoing connections and to port 0: a port found free there may be taken the next
/// moment, by any connection of any program.
fn ephemeral() -> (u16, u16) {
    std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|text| {
            let mut bounds = text.split_whitespace().map(str::parse);
            Some((bounds.next()?.ok()?, bounds.next()?.ok()?))
        })
        .unwrap_or(EPHEMERAL)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// A block that no other test process has: whoever listens on its first port has the rest, until it ends.
fn claim() -> (TcpListener, Range<u16>) {
    let (low, high) = ephemeral();
    let outside = |start: &u16| start + BLOCK <= low || *start > high;
    let blocks: Vec<u16> = (FIRST..LAST - BLOCK).step_by(usize::from(BLOCK)).collect();
    let mut order: Vec<u16> = blocks.iter().copied().filter(outside).collect();
    // Where the system has taken nearly all for itself, one of its own is better than none.
    order.extend(blocks.iter().copied().filter(|start| !outside(start)));
    let claimed = order.into_iter().find_map(|start| {
        let claim = TcpListener::bind(("127.0.0.1", start)).ok()?;
        Some((claim, start + 1..start + BLOCK))
    });
    claimed.expect("a block of ports that no other process has")
}

/// The first of `count` free ports in a row, other ones each time.
pub fn free_row(count: u16) -> u16 {
    static BLOCK_OF_OURS: OnceLock<(TcpListener, Range<u16>)> = OnceLock::new();
    static NEXT: Mutex<u16> = Mutex::new(0);
    let (_, block) = BLOCK_OF_OURS.get_or_init(claim);
    let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let mut start = (*next).max(block.start);
        if start + count > block.end {
            start = block.start;
        }
        *next = start + count;
        if (start..start + count).all(is_free) {
            return start;
        }
    }
}

pub fn free_port() -> u16 {
    free_row(1)
}
