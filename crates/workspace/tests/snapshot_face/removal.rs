//! Snapshots that are deleted or cleaned up, and their space.

use std::fs;
use std::time::Duration;

use loopwire_workspace::{Keep, Options, SnapshotOrder, SnapshotRun};

use crate::store::Store;
use crate::support::{noise, until};

#[test]
fn a_deleted_snapshot_is_gone_with_all_that_only_it_had() {
    let store = Store::open();
    store.write("a", "kept");
    let first = store.create();
    store.write("large", noise(1 << 20, 1));
    let second = store.create();
    fs::remove_file(store.server.path("large")).unwrap();
    let third = store.create();
    let object = store.git(&["rev-parse", &format!("{second}:files/large")]);
    store.delete(&second);
    let hashes: Vec<_> = store
        .list()
        .into_iter()
        .map(|one| one.commit_hash)
        .collect();
    assert_eq!(hashes, [third, first.clone()]);
    store.check();
    let all = store.git(&["cat-file", "--batch-all-objects", "--batch-check"]);
    assert!(
        !all.contains(object.trim()) && !all.contains(&second),
        "{all}"
    );
    assert_eq!((store.count("packs"), store.count("count")), (1, 0));
    assert_eq!(store.git(&["show", &format!("{first}:files/a")]), "kept");
}

#[test]
fn the_next_snapshot_has_all_files_when_the_last_one_was_deleted() {
    let store = Store::open();
    store.write("a", noise(1_000, 1));
    let only = store.create();
    store.delete(&only);
    assert_eq!(store.list(), []);
    assert_eq!(store.count("in-pack") + store.count("count"), 0);
    // Nothing has changed, but nothing of it is in the store any more.
    let (again, _) = store.take("again");
    assert!(again.is_first);
    assert_eq!((again.files, again.changed), (1, 1));
    store.check();
}

#[test]
fn the_limits_of_the_workspace_and_of_the_order_remove_the_oldest() {
    let store = Store::with(Options {
        max_snapshots: Some(3),
        ..Options::default()
    });
    let messages = || -> Vec<String> { store.list().into_iter().map(|one| one.message).collect() };
    for message in ["1", "2", "3"] {
        store.write("a", message);
        assert_eq!(store.take(message).1, 0);
    }
    assert_eq!(store.take("4").1, 1);
    assert_eq!(messages(), ["4", "3", "2"]);
    // The first removal frees the space at once, behind the answer.
    until("one pack", || store.count("packs") == 1);
    let order = SnapshotOrder {
        keep: Keep {
            count: None,
            age: Some(Duration::ZERO),
        },
        ..SnapshotOrder::default()
    };
    // Times have whole seconds: those of this second are not older than nothing.
    until("a second", || store.list()[0].created_at != now());
    let run = SnapshotRun::default();
    let taken = store.snapshots().create_with(order, &run);
    let (_, removed) = store.server.block_on(taken).unwrap();
    assert_eq!((removed, messages().len()), (3, 1));
    store.check();
}

/// The time as the list tells it: in whole seconds.
fn now() -> String {
    let text = loopwire_channel::json::timestamp(std::time::SystemTime::now());
    format!("{}.000Z", &text[..19])
}

#[test]
fn many_packs_become_one() {
    let store = Store::open();
    for number in 0..60 {
        store.write("a", format!("{number}"));
        store.create();
    }
    until("few packs", || store.count("packs") < 30);
    assert_eq!(store.list().len(), 60);
    store.check();
}

#[test]
fn what_names_no_snapshot_is_refused_and_git_never_sees_it() {
    let store = Store::open();
    store.write("a", "1");
    let first = store.create();
    let refused = |given: &str| {
        let snapshots = store.snapshots();
        let server = &store.server;
        let codes = [
            server.block_on(snapshots.delete(given)).unwrap_err().code,
            server
                .block_on(snapshots.diff(given, None, None))
                .unwrap_err()
                .code,
            server
                .block_on(snapshots.diff(&first, Some(given), None))
                .unwrap_err()
                .code,
            server
                .block_on(snapshots.restore_with(given, None, &SnapshotRun::default()))
                .unwrap_err()
                .code,
        ];
        assert!(
            codes.iter().all(|code| code == "SNAPSHOT_NOT_FOUND"),
            "{given}: {codes:?}"
        );
    };
    // Objects of the store that are no snapshots: a tree and a blob.
    let tree = store.git(&["rev-parse", &format!("{first}:files")]);
    let blob = store.git(&["rev-parse", &format!("{first}:files/a")]);
    for given in [
        "",
        "HEAD",
        &first[..12],
        &first.to_uppercase(),
        "refs/snapshots/00000000000000000001",
        "--output=/tmp/loopwire-was-here",
        &format!("--output=/tmp/{}", "x".repeat(26)),
        &format!("{first}^{{tree}}"),
        &"0".repeat(40),
        tree.trim(),
        blob.trim(),
        "\0",
    ] {
        refused(given);
    }
    assert_eq!(store.list().len(), 1);
}

#[test]
fn a_snapshot_of_a_later_version_is_told_and_not_left_out() {
    let store = Store::open();
    let first = store.create();
    let tree = store.git(&["rev-parse", &format!("{first}^{{tree}}")]);
    let author = ["-c", "user.name=a", "-c", "user.email=b"];
    let message = "later\n\nLoopwire-Format: 2";
    let commit = [&author[..], &["commit-tree", "-m", message, tree.trim()]].concat();
    let later = store.git(&commit);
    store.git(&[
        "update-ref",
        "refs/snapshots/00000000000000000009",
        later.trim(),
    ]);
    let listed = store.server.block_on(store.snapshots().list(None));
    assert_eq!(listed.unwrap_err().code, "SNAPSHOT_FAILED");
}
