//! Ports for the tests: no other program gets one by chance while it is briefly free.

use std::net::TcpListener;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::net::TcpSocket;

/// The number of ports of one test process: its tests use about four hundred at most, and start over at the end.
const BLOCK: u16 = 500;
/// Lower ports belong to well-known programs.
const FIRST: u16 = 10_000;
/// The end of the last block.
const LAST: u16 = 65_000;
/// Linux's default range, if the system does not report it.
const EPHEMERAL: (u16, u16) = (32_768, 60_999);

/// The ports that the system uses for outgoing connections and for port 0: one that was found free may be in use the
/// next moment.
fn ephemeral() -> (u16, u16) {
    std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|text| {
            let mut bounds = text.split_whitespace().map(str::parse);
            Some((bounds.next()?.ok()?, bounds.next()?.ok()?))
        })
        .unwrap_or(EPHEMERAL)
}

/// Bound, and not listened at: a process that another test starts at this moment has all descriptors until it has become its
/// program, and a port that anybody listens at cannot be bound.
fn is_free(port: u16) -> bool {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("an option");
    socket.bind(([127, 0, 0, 1], port).into()).is_ok()
}

/// A block that no other test process has: the process that listens on its first port has the rest, until it ends.
fn claim() -> (TcpListener, Range<u16>) {
    let (low, high) = ephemeral();
    let outside = |start: &u16| start + BLOCK <= low || *start > high;
    let blocks: Vec<u16> = (FIRST..LAST - BLOCK).step_by(usize::from(BLOCK)).collect();
    let mut order: Vec<u16> = blocks.iter().copied().filter(outside).collect();
    // If the system uses nearly all ports for itself, one of those is better than none.
    order.extend(blocks.iter().copied().filter(|start| !outside(start)));
    let claimed = order.into_iter().find_map(|start| {
        let claim = TcpListener::bind(("127.0.0.1", start)).ok()?;
        Some((claim, start + 1..start + BLOCK))
    });
    claimed.expect("a block of ports that no other process has")
}

/// The first of `count` consecutive free ports, different ones each time.
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
