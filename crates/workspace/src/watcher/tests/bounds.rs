//! The budget, and readers that do not read.

use std::time::Duration;

#[cfg(target_os = "linux")]
use crate::watcher::Scope;
use crate::watcher::WatcherLimits;

use super::support::{Known, Site, apply, real};

#[cfg(target_os = "linux")]
fn limits(max_directories: usize) -> WatcherLimits {
    WatcherLimits {
        max_directories,
        polling: Duration::from_millis(50),
        ..WatcherLimits::default()
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_budget_names_the_limit_the_number_and_the_remedy() {
    let site = Site::with(limits(5));
    for number in 0..10 {
        site.mkdir(&format!("d{number}"));
    }
    let small = Scope {
        depth: Some(0),
        ..Scope::default()
    };
    let small = site.watcher.cover(small).await.expect("covered");
    let refused = site
        .watcher
        .cover(Scope::default())
        .await
        .expect_err("refused");
    assert_eq!(refused.code, "WATCH_LIMIT");
    for part in ["the limit is 5", "5 are watched", "ignore", "onDemand"] {
        assert!(refused.message.contains(part), "{}", refused.message);
    }
    // What was taken for it is given back.
    let few = site.cover("d1").await;
    assert_eq!(few.directories, 2);
    drop((small, few));
    site.watcher.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_grows_beyond_the_budget_is_polled_and_that_is_said() {
    let mut site = Site::with(limits(8));
    let _covered = site.cover("").await;
    for number in 0..6 {
        site.mkdir(&format!("d{number}/x"));
        site.write(&format!("d{number}/x/f"), "1");
    }
    let mut known = Known::new();
    let told = site.changes().await;
    assert_eq!(apply(&mut known, &told), [""; 0]);
    assert_eq!(known, real(&site.root));
    assert_eq!(site.polling.len(), 1);
    assert!(site.polling[0].contains("limit of 8"), "{:?}", site.polling);
    site.write("d5/x/f", "12345");
    assert_eq!(site.told().await, ["~d5/x/f 5"]);
    site.watcher.close().await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_loses_nothing_for_good() {
    let mut site = Site::with(WatcherLimits {
        max_notices: 100,
        ..WatcherLimits::default()
    });
    let _covered = site.cover("").await;
    let mut known = Known::new();
    for number in 0..200 {
        site.write(&format!("first{number}"), "1");
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    // It has paused by now. Three events for each file: more than the system's queue holds.
    let queue = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events");
    let queue = queue.ok().and_then(|text| text.trim().parse().ok());
    for number in 0..queue.unwrap_or(16_384) / 3 + 100 {
        site.write(&format!("f{number}"), "1");
    }
    for number in 0..100 {
        std::fs::remove_file(site.path(&format!("first{number}"))).expect("removed");
    }
    let mut odd = Vec::new();
    let there = real(&site.root);
    for _ in 0..100 {
        let changes = site.until_quiet().await;
        odd.extend(apply(&mut known, &changes));
        if known == there {
            break;
        }
    }
    assert!(
        known == there,
        "{} of {} are known",
        known.len(),
        there.len()
    );
    assert_eq!(odd, [""; 0]);
    if cfg!(target_os = "linux") {
        assert!(site.overflows > 0, "nothing was lost");
    }
    site.watcher.close().await;
}
