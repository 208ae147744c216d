//! Twelve thousand connections that end in every possible manner: nothing stays behind, and the sums add up. One
//! test, because it counts the descriptors, tasks and memory of the whole process.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]
#![cfg(target_os = "linux")]

#[path = "support/endings.rs"]
mod endings;
mod support;

use std::sync::atomic::Ordering::Relaxed;

use endings::{ENDINGS, Ending, Scenario};
use support::until;

const CONNECTIONS: usize = 12_000;
/// Connections of each ending at once: 480 in all, some 3,000 descriptors in one process.
const AT_ONCE: usize = 32;
/// Descriptors of one connection, at all its ends.
const EACH: usize = 6;
/// Rounds until the allocator's reserve is stable; measured: from the third on.
const WARM: usize = 3;
/// The tolerance for memory: the allocator varies by some 180 bytes per connection.
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

async fn round(scenarios: &mut [Scenario], each: usize) {
    let mut rounds: Vec<_> = scenarios
        .iter_mut()
        .map(|scenario| Box::pin(scenario.round(each)))
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

async fn quiet(scenarios: &[Scenario]) {
    for scenario in scenarios {
        let what = format!("{:?}: no streams", scenario.ending);
        until(&what, || scenario.setup.config("/streams") == 0).await;
    }
}

/// Compares the port's counters with those of its ends.
fn sums_add_up(scenario: &Scenario) {
    let counted = |key| scenario.setup.config(key).as_u64().unwrap();
    let (up, down) = (counted("/bw/bytes_write"), counted("/bw/bytes_read"));
    let sums = &scenario.sums;
    let (sent, got) = (sums.sent.load(Relaxed), sums.got.load(Relaxed));
    let (arrived, answered) = (sums.arrived.load(Relaxed), sums.answered.load(Relaxed));
    let shown = format!(
        "{:?}: counted {up} up {down} down, {sums:?}",
        scenario.ending
    );
    match scenario.ending {
        // Closed normally, or reset after everything had arrived: equal to the byte.
        Ending::ClientEnds | Ending::TargetEnds | Ending::UpstreamDies | Ending::Idle => {
            assert!(sent > 0 && got > 0, "{shown}");
            assert_eq!((up, down), (sent, got), "{shown}");
            assert_eq!((arrived, answered), (sent, got), "{shown}");
        }
        // The port writes request heads of its own; the answers are what the clients got.
        Ending::Requests => assert!(up > 0 && down == got, "{shown}"),
        // No upstream got a byte, and no client got one.
        Ending::UpstreamSilent
        | Ending::ClientImpatient
        | Ending::ClientSilent
        | Ending::HalfHead
        | Ending::Refused => {
            assert_eq!((up, down), (0, 0), "{shown}");
        }
        Ending::HalfAnswer => assert!(up > 0 && got <= down, "{shown}"),
        // Bytes that a reset overtakes are lost: the port's count lies between those of its ends.
        _ => {
            assert!(arrived <= up && up <= sent, "{shown}");
            assert!(got <= down && down <= answered, "{shown}");
        }
    }
}

#[tokio::test]
async fn twelve_thousand_connections_leave_nothing_behind_and_add_up() {
    let mut scenarios = Vec::new();
    for ending in ENDINGS {
        scenarios.push(Scenario::new(ending).await);
    }
    // Warm-up: thread pools and buffers exist now, and as many connections were open before.
    let at_once = AT_ONCE.min(limit().saturating_sub(300) / EACH / ENDINGS.len());
    for _ in 0..WARM {
        round(&mut scenarios, at_once).await;
    }
    quiet(&scenarios).await;
    let (files, alive, used) = (descriptors(), tasks(), memory());
    let begun = std::time::Instant::now();
    let rounds = CONNECTIONS.div_ceil(at_once * ENDINGS.len());
    for _ in 0..rounds {
        round(&mut scenarios, at_once).await;
    }
    println!("{CONNECTIONS} connections in {:?}", begun.elapsed());
    quiet(&scenarios).await;
    until("descriptors and tasks", || {
        descriptors() <= files && tasks() <= alive
    })
    .await;
    let grown = memory().saturating_sub(used);
    println!("memory grew by {grown} bytes");
    assert!(grown < MEMORY, "{grown} bytes of memory stay");
    for scenario in &scenarios {
        assert_eq!(
            in_close_wait(scenario.setup.port),
            0,
            "{:?}",
            scenario.ending
        );
        let total = scenario.setup.config("/connections").as_u64().unwrap();
        assert_eq!(
            total,
            ((rounds + WARM) * at_once) as u64,
            "{:?}",
            scenario.ending
        );
        sums_add_up(scenario);
    }
    for scenario in &scenarios {
        scenario.setup.engine.shutdown().await;
    }
}
