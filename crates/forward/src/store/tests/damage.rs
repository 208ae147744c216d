//! Damaged, missing and newer files.

use std::fs;

use super::*;
use crate::store::file::{COPY, DAMAGED, Disk, FRESH, MAIN};

/// Saves "a", then "b", and closes.
async fn two_states(dir: &Path) {
    let store = open(dir);
    for name in ["a", "b"] {
        store.saved(store.put([saved(1, name)])).await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn a_file_cut_off_anywhere_falls_back_to_the_copy() {
    let dir = directory();
    two_states(dir.path()).await;
    let main = dir.path().join(MAIN);
    let whole = fs::read(&main).unwrap();
    for length in 0..whole.len() {
        fs::write(&main, &whole[..length]).unwrap();
        let (_, found) = Disk::open(dir.path()).unwrap();
        assert_eq!(found.ports, [saved(1, "b")], "cut at {length}");
        let notice = found.notice.unwrap();
        assert!(notice.contains("its copy is used"), "{notice}");
    }
    fs::write(&main, &whole).unwrap();
    assert_eq!(open(dir.path()).all(), [saved(1, "b")]);
}

#[tokio::test]
async fn recovered_data_is_written_at_once_and_the_damaged_file_is_kept() {
    let dir = directory();
    two_states(dir.path()).await;
    fs::write(dir.path().join(MAIN), "secret").unwrap();
    let store = Store::open(dir.path(), &Handle::current()).unwrap();
    let notice = store.notice().unwrap();
    assert!(
        notice.contains("damaged") && notice.contains(DAMAGED),
        "{notice}"
    );
    assert!(!notice.contains("secret"), "{notice}");
    store.close().await;
    assert_eq!(on_disk(&dir.path().join(MAIN)), [saved(1, "b")]);
    // The damaged file did not take the copy's place.
    assert_eq!(on_disk(&dir.path().join(COPY)), [saved(1, "b")]);
    assert_eq!(fs::read(dir.path().join(DAMAGED)).unwrap(), b"secret");
    assert_eq!(open(dir.path()).all(), [saved(1, "b")]);
}

#[tokio::test]
async fn damage_does_not_bring_back_what_was_removed() {
    let dir = directory();
    let store = open(dir.path());
    store.put([saved(1, "a"), saved(2, "b")]);
    store.saved(store.forget([1])).await.unwrap();
    store.close().await;
    let main = dir.path().join(MAIN);
    for damage in ["", "{", "\0\0\0\0"] {
        fs::write(&main, damage).unwrap();
        let (_, found) = Disk::open(dir.path()).unwrap();
        assert_eq!(found.ports, [saved(2, "b")], "{damage:?}");
    }
    fs::remove_file(&main).unwrap();
    let (_, found) = Disk::open(dir.path()).unwrap();
    assert_eq!(found.ports, [saved(2, "b")]);
}

#[tokio::test]
async fn a_copy_that_lags_behind_is_brought_up_to_date_at_the_start() {
    let dir = directory();
    two_states(dir.path()).await;
    let (main, copy) = (dir.path().join(MAIN), dir.path().join(COPY));
    let current = fs::read(&main).unwrap();
    for lagging in [r#"{"version":1,"ports":[{"port":9}]}"#, "{", ""] {
        if lagging.is_empty() {
            fs::remove_file(&copy).unwrap();
        } else {
            fs::write(&copy, lagging).unwrap();
        }
        let store = open(dir.path());
        assert_eq!(store.all(), [saved(1, "b")]);
        store.close().await;
        assert_eq!(fs::read(&copy).unwrap(), current, "{lagging:?}");
        // And equal files are left alone.
        let store = open(dir.path());
        store.close().await;
        assert_eq!(store.0.progress.borrow().attempts, 0);
    }
}

#[tokio::test]
async fn without_a_readable_copy_nothing_is_known_and_saving_works() {
    let dir = directory();
    two_states(dir.path()).await;
    for name in [MAIN, COPY] {
        fs::write(dir.path().join(name), "{").unwrap();
    }
    let store = Store::open(dir.path(), &Handle::current()).unwrap();
    assert_eq!(store.all(), []);
    let notice = store.notice().unwrap();
    assert!(notice.contains("no copy"), "{notice}");
    store.saved(store.put([saved(3, "c")])).await.unwrap();
    store.close().await;
    assert_eq!(open(dir.path()).all(), [saved(3, "c")]);
}

#[tokio::test]
async fn a_missing_file_is_recovered_and_an_empty_directory_is_no_error() {
    let dir = directory();
    assert_eq!(open(dir.path()).all(), []);
    let dir = directory();
    two_states(dir.path()).await;
    fs::remove_file(dir.path().join(MAIN)).unwrap();
    let (_, found) = Disk::open(dir.path()).unwrap();
    assert_eq!(found.ports, [saved(1, "b")]);
    assert!(found.notice.unwrap().contains("is missing"));
}

#[tokio::test]
async fn a_bad_entry_is_reported_and_the_file_is_kept() {
    let dir = directory();
    let text = r#"{"version":1,"ports":[{"port":7},{"port":"secret"}]}"#;
    fs::write(dir.path().join(MAIN), text).unwrap();
    let store = Store::open(dir.path(), &Handle::current()).unwrap();
    let notice = store.notice().unwrap();
    assert!(
        notice.contains("1 of 2") && !notice.contains("secret"),
        "{notice}"
    );
    assert_eq!(store.all()[0].port, 7);
    store.close().await;
    assert_eq!(fs::read_to_string(dir.path().join(DAMAGED)).unwrap(), text);
    assert_eq!(open(dir.path()).all()[0].port, 7);
}

#[tokio::test]
async fn a_newer_file_is_refused_and_left_as_it_is() {
    for (name, newer) in [(MAIN, MAIN), (COPY, COPY)] {
        let dir = directory();
        two_states(dir.path()).await;
        if name == COPY {
            fs::write(dir.path().join(MAIN), "{").unwrap();
        }
        let path = dir.path().join(newer);
        let text = r#"{"version":2,"forwards":{}}"#;
        fs::write(&path, text).unwrap();
        // Twice: a refusal does not keep the directory either.
        for _ in 0..2 {
            let error = Store::open(dir.path(), &Handle::current()).unwrap_err();
            assert_eq!(error.code(), "ERR_SAVED_DATA_NEWER");
            assert!(error.to_string().contains(name), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[tokio::test]
async fn half_written_files_of_a_killed_process_are_removed() {
    let dir = directory();
    two_states(dir.path()).await;
    fs::write(dir.path().join(FRESH), "{\"version\":1,\"po").unwrap();
    assert_eq!(open(dir.path()).all(), [saved(1, "b")]);
    assert!(!dir.path().join(FRESH).exists());
}
