//! Twelve thousand connections that end in every way there is: nothing stays, and the sums add up. One test,
//! because it counts the descriptors, the tasks and the memory of the whole process.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]
#![cfg(target_os = "linux")]

mod support;
#[path = "support/ways.rs"]
mod ways;

use std::sync::atomic::Ordering::Relaxed;

use support::until;
use ways::{Ground, WAYS, Way};

const CONNECTIONS: usize = 12_000;
/// Of each way at once: 480 in all, some 3,000 descriptors with both ends and the upstreams' in one process.
const AT_ONCE: usize = 32;
/// Descriptors of one connection, with everybody's ends.
const EACH: usize = 6;
/// Rounds until the allocator has what it keeps back; measured, it stays level from the third on.
const WARM: usize = 3;
/// What may be there afterwards that was not before: the allocator's unrest, some 180 bytes per connection.
const MEMORY: usize = 2 << 20;

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn limit() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3));
    soft.and_then(|soft| soft.parse().ok())
        .unwrap_or(usize::MAX)
}

fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes
        .and_then(|text| text.parse::<usize>().ok())
        .unwrap()
        << 10
}

fn tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

fn in_close_wait(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let local = format!(":{port:04X}");
    let stuck = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        fields
            .next()
            .is_some_and(|address| address.ends_with(&local))
            && fields.nth(1) == Some("08")
    };
    table.lines().filter(stuck).count()
}

async fn round(grounds: &mut [Ground], each: usize) {
    let mut rounds: Vec<_> = grounds
        .iter_mut()
        .map(|ground| Box::pin(ground.round(each)))
        .collect();
    std::future::poll_fn(|cx| {
        rounds.retain_mut(|round| std::future::Future::poll(round.as_mut(), cx).is_pending());
        if rounds.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

async fn quiet(grounds: &[Ground]) {
    for ground in grounds {
        let what = format!("{:?}: no streams", ground.way);
        until(&what, || ground.bench.config("/streams") == 0).await;
    }
}

/// What the port counted against what its ends saw.
fn sums_add_up(ground: &Ground) {
    let counted = |key| ground.bench.config(key).as_u64().unwrap();
    let (up, down) = (counted("/bw/bytes_write"), counted("/bw/bytes_read"));
    let sums = &ground.sums;
    let (sent, got) = (sums.sent.load(Relaxed), sums.got.load(Relaxed));
    let (arrived, answered) = (sums.arrived.load(Relaxed), sums.answered.load(Relaxed));
    let shown = format!("{:?}: counted {up} up {down} down, {sums:?}", ground.way);
    match ground.way {
        // In good order, or broken when everything had arrived: to the byte.
        Way::ClientEnds | Way::TargetEnds | Way::UpstreamDies | Way::Idle => {
            assert!(sent > 0 && got > 0, "{shown}");
            assert_eq!((up, down), (sent, got), "{shown}");
            assert_eq!((arrived, answered), (sent, got), "{shown}");
        }
        // Of the requests' heads the port writes its own; the answers are what the clients got.
        Way::Requests => assert!(up > 0 && down == got, "{shown}"),
        // No upstream ever got a byte of theirs, no client one of its.
        Way::UpstreamSilent
        | Way::ClientImpatient
        | Way::ClientSilent
        | Way::HalfHead
        | Way::Refused => {
            assert_eq!((up, down), (0, 0), "{shown}");
        }
        Way::HalfAnswer => assert!(up > 0 && got <= down, "{shown}"),
        // What a reset overtakes is lost between two ends: the port's count lies between theirs.
        _ => {
            assert!(arrived <= up && up <= sent, "{shown}");
            assert!(got <= down && down <= answered, "{shown}");
        }
    }
}

#[tokio::test]
async fn twelve_thousand_connections_leave_nothing_and_add_up() {
    let mut grounds = Vec::new();
    for way in WAYS {
        grounds.push(Ground::new(way).await);
    }
    // Warm: thread pools, buffers and such exist, and as many at once have been there before.
    let at_once = AT_ONCE.min(limit().saturating_sub(300) / EACH / WAYS.len());
    for _ in 0..WARM {
        round(&mut grounds, at_once).await;
    }
    quiet(&grounds).await;
    let (files, alive, used) = (descriptors(), tasks(), memory());
    let begun = std::time::Instant::now();
    let rounds = CONNECTIONS.div_ceil(at_once * WAYS.len());
    for _ in 0..rounds {
        round(&mut grounds, at_once).await;
    }
    println!("{CONNECTIONS} connections in {:?}", begun.elapsed());
    quiet(&grounds).await;
    until("descriptors and tasks", || {
        descriptors() <= files && tasks() <= alive
    })
    .await;
    let grown = memory().saturating_sub(used);
    println!("memory grew by {grown} bytes");
    assert!(grown < MEMORY, "{grown} bytes of memory stay");
    for ground in &grounds {
        assert_eq!(in_close_wait(ground.bench.port), 0, "{:?}", ground.way);
        let total = ground.bench.config("/connections").as_u64().unwrap();
        assert_eq!(
            total,
            ((rounds + WARM) * at_once) as u64,
            "{:?}",
            ground.way
        );
        sums_add_up(ground);
    }
    for ground in &grounds {
        ground.bench.engine.shutdown().await;
    }
}
