//! When the watcher runs, and what it holds.

#[cfg(target_os = "linux")]
use std::process::Command;
use std::time::{Duration, Instant};

use crate::watcher::Scope;

use super::support::Site;

#[cfg(target_os = "linux")]
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("descriptors")
        .count()
}

#[cfg(target_os = "linux")]
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("threads");
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names
        .filter(|name| name.trim() == "loopwire-watche")
        .count()
}

/// Runs alone in a process of its own: other tests open descriptors meanwhile.
#[cfg(target_os = "linux")]
#[test]
fn a_thousand_covers_leave_nothing_behind() {
    alone("watcher::tests::life::thousand_covers");
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "started by the test above, in a process of its own"]
async fn thousand_covers() {
    let site = Site::new();
    site.mkdir("a/b/c");
    site.mkdir("d");
    let before = (descriptors(), threads());
    for round in 0..1000 {
        let all = match round % 3 {
            0 => Some(site.cover("").await),
            _ => None,
        };
        let part = site.cover("a").await;
        assert_eq!(part.directories, 4);
        drop((part, all));
    }
    // The thread ends by itself.
    while threads() > before.1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(descriptors(), before.0);
    site.watcher.close().await;
}

/// Runs one test of this program in a process of its own.
#[cfg(target_os = "linux")]
pub(super) fn alone(test: &str) {
    let program = std::env::current_exe().expect("this program");
    let mut program = Command::new(program);
    program.args(["--exact", test, "--ignored", "--nocapture"]);
    passes(program);
}

/// Runs a program that runs one test.
#[cfg(target_os = "linux")]
pub(super) fn passes(mut program: Command) {
    let output = program.output().expect("started");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{errors}"
    );
}

#[tokio::test]
async fn releasing_one_scope_keeps_what_another_one_needs() {
    let mut site = Site::new();
    site.mkdir("a");
    site.mkdir("b");
    let a = site.cover("a").await;
    let _b = site.cover("b").await;
    drop(a);
    site.write("a/f", "1");
    site.write("b/f", "1");
    assert_eq!(site.told().await, ["+b/f 1"]);
    site.watcher.close().await;
}

#[tokio::test]
async fn a_cover_that_is_given_up_is_released() {
    let mut site = Site::new();
    site.mkdir("a");
    let _root = site.watcher.cover(Scope {
        depth: Some(0),
        ..Scope::default()
    });
    let _root = _root.await.expect("covered");
    {
        let cover = site.cover("a");
        tokio::pin!(cover);
        // Polled once, so that it was asked for.
        let polled = tokio::time::timeout(Duration::ZERO, &mut cover).await;
        drop(polled);
    }
    // The next one is answered after it.
    drop(site.cover("").await);
    let _last = site.watcher.cover(Scope {
        depth: Some(0),
        ..Scope::default()
    });
    let _last = _last.await.expect("covered");
    site.write("a/f", "1");
    assert_eq!(site.told().await, [""; 0]);
    site.watcher.close().await;
}

#[tokio::test]
async fn covers_that_were_given_up_hold_nobody_up() {
    const GIVEN_UP: u32 = 40;
    let site = Site::new();
    for number in 0..1_000 {
        site.mkdir(&format!("d{}/e{number}", number % 10));
    }
    let began = Instant::now();
    drop(site.cover("").await);
    let one = began.elapsed();
    for _ in 0..GIVEN_UP {
        let polled = tokio::time::timeout(Duration::ZERO, site.cover("")).await;
        drop(polled);
    }
    let began = Instant::now();
    let _last = site.cover("").await;
    // One may have been begun already. A busy machine may take longer for each.
    let (most, took) = (one * GIVEN_UP / 2, began.elapsed());
    assert!(took < most, "one: {one:?}, the last of many: {took:?}");
    site.watcher.close().await;
}

#[tokio::test]
async fn a_closed_watcher_ends_its_stream_and_covers_nothing() {
    let mut site = Site::new();
    let covered = site.cover("").await;
    site.watcher.close().await;
    assert_eq!(site.notices.next().await, None);
    let refused = site.watcher.cover(Scope::default()).await;
    assert_eq!(refused.expect_err("refused").code, "NO_WORKSPACE");
    drop(covered);
    site.watcher.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_watcher_does_not_wake() {
    let site = Site::new();
    site.mkdir("a/b");
    let _covered = site.cover("").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = switches(&site);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(switches(&site), before);
    site.watcher.close().await;
}

/// How often the site's own thread has slept.
#[cfg(target_os = "linux")]
fn switches(site: &Site) -> u64 {
    let number = site.watcher.thread().expect("a thread");
    let status = std::fs::read_to_string(format!("/proc/self/task/{number}/status"));
    let status = status.expect("a status");
    let line = status
        .lines()
        .find(|line| line.starts_with("voluntary_ctxt_switches"));
    let count = line.and_then(|line| line.split_whitespace().last());
    count
        .and_then(|count| count.parse().ok())
        .expect("a number")
}

/// The fault would hit the watcher of any test: it has a process of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_panic_is_a_fault_and_watching_goes_on() {
    alone("watcher::tests::life::panics");
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "started by the test above, in a process of its own"]
async fn panics() {
    let _ordered = loopwire_testing::ordered("injected into watcher");
    let mut site = Site::new();
    let _covered = site.cover("").await;
    loopwire_channel::fault::injection::arm("watcher");
    site.write("a", "1");
    while site.overflows == 0 {
        site.until_quiet().await;
    }
    site.write("b", "1");
    assert_eq!(site.told().await, ["+b 1"]);
    site.watcher.close().await;
}
