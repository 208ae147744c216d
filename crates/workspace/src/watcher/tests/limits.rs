//! Tiny limits of the system: a user namespace of its own has its own.

use std::os::unix::fs::chown;
use std::process::Command;
use std::time::Duration;

use crate::watcher::WatcherLimits;

use super::life::passes;
use super::model;
use super::support::Site;

/// The user `nobody`.
const NOBODY: u32 = 65_534;

/// Gives the tree to another user and becomes that user, for good.
pub(super) fn give_up_root(site: &Site) {
    if rustix::process::geteuid().is_root() {
        let mut stack = vec![site.dir.path().to_owned()];
        while let Some(path) = stack.pop() {
            chown(&path, Some(NOBODY), Some(NOBODY)).expect("given away");
            if path.is_dir() {
                stack.extend(
                    std::fs::read_dir(&path)
                        .expect("read")
                        .map(|one| one.expect("one").path()),
                );
            }
        }
        become_nobody();
    }
}

#[expect(
    unsafe_code,
    reason = "the C library alone changes the user of all threads"
)]
fn become_nobody() {
    // SAFETY: a plain system call without pointers.
    let changed = unsafe { libc::setuid(NOBODY) };
    assert_eq!(changed, 0);
}

/// Runs the test `inside` in a user namespace with these limits. Where the system allows no such namespace, the test that
/// asks for it is skipped.
fn with_limits(test: &str, limits: &[(&str, usize)], inside: &str) {
    let set: String = limits
        .iter()
        .map(|(name, value)| format!("echo {value} > /proc/sys/user/{name} && "))
        .collect();
    let unshared = |script: String| {
        let mut shell = Command::new("unshare");
        shell.args(["--user", "--map-root-user", "sh", "-c", &script]);
        shell
    };
    let may = unshared(format!("{set} exit 0")).output();
    if !may.is_ok_and(|may| may.status.success()) {
        println!("SKIPPED: {test}: unshare makes no user namespace with limits here");
        return;
    }
    let program = std::env::current_exe().expect("this program");
    let program = program.to_str().expect("a path");
    passes(unshared(format!(
        "{set} exec {program} --exact {inside} --ignored --nocapture"
    )));
}

fn quick() -> WatcherLimits {
    WatcherLimits {
        polling: Duration::from_millis(50),
        ..WatcherLimits::default()
    }
}

#[test]
fn without_watches_the_rest_is_polled() {
    with_limits(
        "without_watches_the_rest_is_polled",
        &[("max_inotify_watches", 30)],
        "watcher::tests::limits::few_watches",
    );
}

#[tokio::test]
#[ignore = "started by the test above, in a namespace of its own"]
async fn few_watches() {
    let mut site = Site::with(quick());
    for number in 0..60 {
        site.mkdir(&format!("n1/n2/m{number}"));
    }
    let covered = site.cover("").await;
    assert_eq!(covered.directories, 63);
    let why = covered.polling.as_deref().unwrap_or_default();
    assert!(
        why.contains("no watches left") && why.contains("sysctl"),
        "{why}"
    );
    model::run(&mut site, model::operations() / 2, 100).await;
    site.watcher.close().await;
}

#[test]
fn without_instances_all_is_polled() {
    with_limits(
        "without_instances_all_is_polled",
        &[("max_inotify_instances", 0)],
        "watcher::tests::limits::no_instances",
    );
}

#[tokio::test]
#[ignore = "started by the test above, in a namespace of its own"]
async fn no_instances() {
    let mut site = Site::with(quick());
    site.mkdir("n1/n2");
    let covered = site.cover("").await;
    let why = covered.polling.as_deref().unwrap_or_default();
    assert!(why.contains("instance") && why.contains("sysctl"), "{why}");
    model::run(&mut site, model::operations() / 2, 100).await;
    // The root is noticed, too.
    std::fs::rename(&site.root, site.dir.path().join("away")).expect("moved");
    assert!(site.told().await.contains(&"-/".to_owned()));
    std::fs::create_dir(&site.root).expect("made");
    assert_eq!(site.told().await, ["+/"]);
    site.watcher.close().await;
}

/// The model with 500 watches, 4 instances, and a queue as the system has it: `LOOPWIRE_WATCH_OPERATIONS` makes it long.
#[test]
fn small_limits_lose_nothing() {
    with_limits(
        "small_limits_lose_nothing",
        &[("max_inotify_watches", 500), ("max_inotify_instances", 4)],
        "watcher::tests::limits::small",
    );
}

#[tokio::test]
#[ignore = "started by the test above, in a namespace of its own"]
async fn small() {
    let mut site = Site::with(quick());
    for number in 0..450 {
        site.mkdir(&format!("n1/n2/m{number}/x"));
    }
    let _covered = site.cover("").await;
    model::run(&mut site, model::operations() / 2, 200).await;
    site.watcher.close().await;
}

/// The system's queue is for all programs: this test makes it tiny for a moment, and so it runs by hand alone, as root.
#[tokio::test]
#[ignore = "it changes a setting of the machine for a moment"]
async fn a_tiny_queue() {
    const QUEUE: &str = "/proc/sys/fs/inotify/max_queued_events";
    let mut site = Site::with(quick());
    let before = std::fs::read_to_string(QUEUE).expect("the setting");
    std::fs::write(QUEUE, "16").expect("root");
    let covered = site.watcher.cover(crate::watcher::Scope::default()).await;
    std::fs::write(QUEUE, before).expect("root");
    let _covered = covered.expect("covered");
    model::run(&mut site, model::operations(), 200).await;
    eprintln!("{} overflows", site.overflows);
    assert!(site.overflows > 0);
    site.watcher.close().await;
}
