//! Disks that are full and directories that go away.

use std::fs;

use super::*;
use crate::store::file::MAIN;

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_deleted_directory_is_reported_and_the_state_is_written_when_it_is_back() {
    let outer = directory();
    let dir = outer.path().join("d");
    let store = open(&dir);
    store.saved(store.put([saved(1, "a")])).await.unwrap();
    fs::remove_dir_all(&dir).unwrap();
    let version = store.put([saved(2, "b")]);
    let error = store.saved(version).await.unwrap_err();
    assert_eq!(error.code(), "ERR_SAVED_DATA_IO");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(store.all().len(), 2);

    fs::create_dir(&dir).unwrap();
    // Nothing changes: the writer retries by itself.
    let mut progress = store.0.progress.clone();
    let back = progress.wait_for(|progress| progress.written >= version);
    drop(soon("the next attempt", back).await.unwrap());
    store.saved(version).await.unwrap();
    assert_eq!(on_disk(&dir.join(MAIN)), [saved(1, "a"), saved(2, "b")]);
    // The new directory is as much this store's as the old one was.
    let error = Store::open(&dir, &Handle::current()).unwrap_err();
    assert_eq!(error.code(), "ERR_SAVED_DATA_IN_USE");
}

#[cfg(unix)]
#[tokio::test]
async fn after_a_failed_write_the_next_change_is_tried_at_once() {
    let outer = directory();
    let dir = outer.path().join("d");
    let store = open(&dir);
    fs::remove_dir_all(&dir).unwrap();
    store.saved(store.put([saved(1, "a")])).await.unwrap_err();
    fs::create_dir(&dir).unwrap();
    let attempts = store.0.progress.borrow().attempts;
    store.saved(store.put([saved(2, "b")])).await.unwrap();
    assert_eq!(store.0.progress.borrow().attempts, attempts + 1);
}

#[cfg(windows)]
#[tokio::test]
async fn while_a_directory_is_used_its_lock_cannot_be_deleted() {
    let dir = directory();
    let store = open(dir.path());
    let lock = dir.path().join("loopwire.lock");
    fs::remove_file(&lock).unwrap_err();
    store.saved(store.put([saved(1, "a")])).await.unwrap();
    store.close().await;
    fs::remove_file(&lock).unwrap();
}

/// As a scanner of viruses does.
#[cfg(windows)]
#[tokio::test]
async fn a_file_that_another_program_holds_for_a_moment_is_replaced_behind_it() {
    use std::os::windows::fs::OpenOptionsExt;
    use std::time::Duration;

    let dir = directory();
    let store = open(dir.path());
    store.saved(store.put([saved(1, "a")])).await.unwrap();
    let main = dir.path().join(MAIN);
    let mut options = fs::OpenOptions::new();
    let held = options.read(true).share_mode(1).open(&main).unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        drop(held);
    });
    store.saved(store.put([saved(2, "b")])).await.unwrap();
    holder.join().unwrap();
    assert_eq!(on_disk(&main), [saved(1, "a"), saved(2, "b")]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_another_process_created_again_belongs_to_it() {
    let outer = directory();
    let dir = outer.path().join("d");
    let store = open(&dir);
    fs::remove_dir_all(&dir).unwrap();
    let other = open(&dir);
    other.saved(other.put([saved(9, "other")])).await.unwrap();
    let error = store.saved(store.put([saved(1, "a")])).await.unwrap_err();
    assert_eq!(error.code(), "ERR_SAVED_DATA_IN_USE");
    assert_eq!(on_disk(&dir.join(MAIN)), [saved(9, "other")]);
    soon("closing what cannot be saved", store.close()).await;
}

/// Runs a command on a disk of 64 KiB, which is seen by it alone and gone with it.
#[cfg(target_os = "linux")]
const SMALL_DISK: &str =
    "mount -t tmpfs -o size=64k none \"$LOOPWIRE_STORE_TEST_DIRECTORY\" && exec \"$@\"";

/// Where no mount is allowed: files end after 64 KiB (or 128: shells count differently).
#[cfg(unix)]
const SMALL_FILES: &str = "trap '' XFSZ && ulimit -f 128 && exec \"$@\"";

#[cfg(unix)]
fn small(script: &str) -> Vec<&str> {
    vec!["sh", "-c", script, "sh"]
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_the_saved_state_stays() {
    if let Some(dir) = role() {
        return fill(&dir);
    }
    let dir = directory();
    let mut shell = vec!["unshare", "--user", "--map-root-user", "--mount"];
    shell.extend(small(SMALL_DISK));
    let (program, rest) = shell.split_first().unwrap();
    let allowed = Command::new(program)
        .args(rest)
        .arg("true")
        .env(DIRECTORY, dir.path())
        .status();
    if !allowed.is_ok_and(|status| status.success()) {
        // The test beside this one fills a file instead.
        println!("SKIPPED: a_full_disk_is_reported_and_the_saved_state_stays: no mount allowed");
        return;
    }
    let test = "faults::a_full_disk_is_reported_and_the_saved_state_stays";
    let out = again(test, dir.path(), &shell).output().unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("No space left"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_file_size_limit_is_reported_and_the_saved_state_stays() {
    if let Some(dir) = role() {
        return fill(&dir);
    }
    let dir = directory();
    let test = "faults::a_file_size_limit_is_reported_and_the_saved_state_stays";
    let out = again(test, dir.path(), &small(SMALL_FILES))
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("told: "), "{text}");
}

#[cfg(unix)]
#[tokio::main(flavor = "current_thread")]
async fn fill(dir: &Path) {
    let store = open(dir);
    store.saved(store.put([saved(1, "a")])).await.unwrap();
    let error = store
        .saved(store.put([saved(2, &"x".repeat(300 << 10))]))
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), "ERR_SAVED_DATA_IO");
    println!("told: {error}");
    assert_eq!(store.all().len(), 2);
    assert_eq!(on_disk(&dir.join(MAIN)), [saved(1, "a")]);
    assert!(!dir.join(crate::store::file::FRESH).exists());
    // What fits is saved again.
    store.saved(store.put([saved(2, "b")])).await.unwrap();
    assert_eq!(on_disk(&dir.join(MAIN)), [saved(1, "a"), saved(2, "b")]);
}
