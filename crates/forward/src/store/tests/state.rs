//! What is put is saved, in few writes, and only the owner can read it.

use std::fs;

use super::*;
use crate::store::file::{COPY, DAMAGED, MAIN};

#[tokio::test]
async fn saved_data_is_there_when_the_directory_is_opened_again() {
    let dir = directory();
    let path = dir.path().join("made/for/it");
    let store = open(&path);
    store.put([saved(60_002, "b"), saved(60_001, "a"), saved(60_003, "c")]);
    store.put([saved(60_002, "B")]);
    let version = store.forget([60_003, 1]);
    store.saved(version).await.unwrap();
    let expected = [saved(60_001, "a"), saved(60_002, "B")];
    assert_eq!(store.all(), expected);
    assert_eq!(on_disk(&path.join(MAIN)), expected);
    store.close().await;
    assert_eq!(open(&path).all(), expected);
}

#[tokio::test]
async fn a_thousand_changes_during_a_write_are_one_more_write() {
    let dir = directory();
    let store = open(dir.path());
    store.put([saved(1, "first")]);
    // The writer takes the first one; on this one thread it comes to no more before the await below.
    tokio::task::yield_now().await;
    let versions: Vec<_> = (1..=1_000)
        .map(|port| store.put([saved(port, "x")]))
        .collect();
    assert!(versions.is_sorted_by(|a, b| a < b));
    for version in &versions {
        store.saved(*version).await.unwrap();
    }
    assert_eq!(store.0.progress.borrow().attempts, 2);
    assert_eq!(on_disk(&dir.path().join(MAIN)).len(), 1_000);
}

#[tokio::test]
async fn a_put_without_a_change_is_not_written() {
    let dir = directory();
    let store = open(dir.path());
    let version = store.put([saved(1, "a")]);
    store.saved(version).await.unwrap();
    assert_eq!(store.put([saved(1, "a")]), version);
    assert_eq!(store.forget([2]), version);
    assert_eq!(store.put([]), version);
    store.close().await;
    assert_eq!(store.0.progress.borrow().attempts, 1);
}

#[tokio::test]
async fn the_copy_is_the_same_state_in_a_file_of_its_own() {
    let dir = directory();
    let store = open(dir.path());
    for name in ["a", "b", "c"] {
        store.saved(store.put([saved(1, name)])).await.unwrap();
    }
    let (main, copy) = (dir.path().join(MAIN), dir.path().join(COPY));
    assert_eq!(on_disk(&copy), [saved(1, "c")]);
    assert_eq!(on_disk(&main), [saved(1, "c")]);
    // Not a second name: damage in place would reach both.
    fs::write(&main, "{").unwrap();
    assert_eq!(on_disk(&copy), [saved(1, "c")]);
}

#[tokio::test]
async fn a_change_is_undone_unless_another_one_came_in_between() {
    let dir = directory();
    let store = open(dir.path());
    let (_, before) = store.replace(saved(1, "a"));
    assert_eq!(before, None);
    store.put_back(&saved(1, "a"), before);
    assert!(!store.has(1));
    store.put([saved(1, "a")]);
    let (_, before) = store.replace(saved(1, "b"));
    assert_eq!(before, Some(saved(1, "a")));
    store.put_back(&saved(1, "b"), before.clone());
    assert_eq!(store.all(), [saved(1, "a")]);
    // Removed, or replaced again: that came later and wins.
    store.replace(saved(1, "b"));
    store.forget([1]);
    store.put_back(&saved(1, "b"), before.clone());
    assert!(!store.has(1));
    store.replace(saved(1, "b"));
    store.replace(saved(1, "c"));
    store.put_back(&saved(1, "b"), before);
    assert_eq!(store.all(), [saved(1, "c")]);
}

#[tokio::test]
async fn clearing_leaves_no_secret_in_the_directory() {
    let dir = directory();
    let store = open(dir.path());
    for name in ["a", "b"] {
        store.saved(store.put([saved(1, name)])).await.unwrap();
    }
    fs::copy(dir.path().join(MAIN), dir.path().join(DAMAGED)).unwrap();
    store.saved(store.clear()).await.unwrap();
    let mut files = 0;
    for entry in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8(bytes).unwrap().contains("secret"));
        files += 1;
    }
    assert_eq!(files, 2, "the empty file and the lock");
    assert_eq!(on_disk(&dir.path().join(MAIN)), []);
    // And an empty state is cleared as well: its copies may have outlived a kill.
    fs::write(dir.path().join(COPY), "secret").unwrap();
    store.saved(store.clear()).await.unwrap();
    assert!(!dir.path().join(COPY).exists());
}

#[tokio::test]
async fn closing_writes_what_is_pending_and_may_be_repeated() {
    let dir = directory();
    let store = open(dir.path());
    let twin = store.clone();
    let version = store.put([saved(1, "a")]);
    soon("closing twice", async {
        tokio::join!(store.close(), twin.close())
    })
    .await;
    soon("closing again", store.close()).await;
    store.saved(version).await.unwrap();
    assert_eq!(open(dir.path()).all(), [saved(1, "a")]);
    let late = store.put([saved(2, "b")]);
    let error = soon("late", store.saved(late)).await.unwrap_err();
    assert_eq!(error.code(), "ERR_SAVED_DATA_CLOSED");
}

#[tokio::test]
async fn dropping_the_last_handle_writes_what_is_pending_and_frees_the_directory() {
    let dir = directory();
    let store = open(dir.path());
    store.put([saved(1, "a")]);
    let mut progress = store.0.progress.clone();
    drop(store);
    soon("the writer's end", async {
        while progress.changed().await.is_ok() {}
    })
    .await;
    assert_eq!(open(dir.path()).all(), [saved(1, "a")]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files_even_after_looser_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let outer = directory();
    let dir = outer.path().join("new");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let store = open(&dir);
    assert_eq!(mode(&dir), 0o700);
    for name in ["a", "b"] {
        store.saved(store.put([saved(1, name)])).await.unwrap();
        fs::set_permissions(dir.join(MAIN), fs::Permissions::from_mode(0o644)).unwrap();
    }
    store.saved(store.put([saved(1, "c")])).await.unwrap();
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_version_of_another_directory_is_not_waited_for() {
    let dir = directory();
    let store = open(dir.path());
    store.put([saved(1, "a")]);
    let waiting = store.saved(1_000);
    let waited = tokio::time::timeout(std::time::Duration::from_secs(5), waiting);
    waited.await.unwrap().unwrap();
    assert!(store.has(1) && !store.has(2));
}
