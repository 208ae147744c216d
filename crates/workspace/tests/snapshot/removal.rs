//! Snapshots that are deleted or cleaned up, and their space.

use std::fs;
use std::time::Duration;

use loopwire_workspace::{Keep, SnapshotOrder};

use crate::support::{SnapshotServer, noise, until};

#[test]
fn a_deleted_snapshot_is_gone_with_all_that_only_it_had() {
    let server = SnapshotServer::open();
    server.write("a", "kept");
    let first = server.create().commit_hash;
    server.write("large", noise(1 << 20, 1));
    let second = server.create().commit_hash;
    fs::remove_file(server.path("large")).unwrap();
    let third = server.create().commit_hash;
    let object = server.git(&["rev-parse", &format!("{second}:files/large")]);
    server.delete(&second);
    let hashes: Vec<_> = server
        .list()
        .into_iter()
        .map(|one| one.commit_hash)
        .collect();
    assert_eq!(hashes, [third, first.clone()]);
    server.check_store();
    let all = server.git(&["cat-file", "--batch-all-objects", "--batch-check"]);
    assert!(
        !all.contains(object.trim()) && !all.contains(&second),
        "{all}"
    );
    assert_eq!((server.count("packs"), server.count("count")), (1, 0));
    assert_eq!(server.git(&["show", &format!("{first}:files/a")]), "kept");
}

#[test]
fn the_next_snapshot_has_all_files_when_the_last_one_was_deleted() {
    let server = SnapshotServer::open();
    server.write("a", noise(1_000, 1));
    let only = server.create().commit_hash;
    server.delete(&only);
    assert_eq!(server.list(), []);
    assert_eq!(server.count("in-pack") + server.count("count"), 0);
    // Nothing has changed, but nothing of it is in the store any more.
    let (again, _) = server.take("again");
    assert!(again.is_first);
    assert_eq!((again.files, again.changed), (1, 1));
    server.check_store();
}

#[test]
fn the_limits_of_the_workspace_and_of_the_order_remove_the_oldest() {
    let server = SnapshotServer::with(|options| options.max_snapshots = Some(3));
    let messages = || -> Vec<String> { server.list().into_iter().map(|one| one.message).collect() };
    for message in ["1", "2", "3"] {
        server.write("a", message);
        assert_eq!(server.take(message).1, 0);
    }
    assert_eq!(server.take("4").1, 1);
    assert_eq!(messages(), ["4", "3", "2"]);
    // The first removal frees the space at once, behind the answer.
    until("one pack", || server.count("packs") == 1);
    let order = SnapshotOrder {
        keep: Keep {
            count: None,
            age: Some(Duration::ZERO),
        },
        ..SnapshotOrder::default()
    };
    // Times have whole seconds: those of this second are not older than nothing.
    until("a second", || server.list()[0].created_at != now());
    let (_, removed) = server.try_take(order).unwrap();
    assert_eq!((removed, messages().len()), (3, 1));
    server.check_store();
}

/// The time as the list tells it: in whole seconds.
fn now() -> String {
    let text = loopwire_channel::json::timestamp(std::time::SystemTime::now());
    format!("{}.000Z", &text[..19])
}

#[test]
fn many_packs_become_one() {
    let server = SnapshotServer::open();
    for number in 0..60 {
        server.write("a", format!("{number}"));
        server.create();
    }
    until("few packs", || server.count("packs") < 30);
    assert_eq!(server.list().len(), 60);
    server.check_store();
}

#[test]
fn what_names_no_snapshot_is_refused_and_git_never_sees_it() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let first = server.create().commit_hash;
    let refused = |given: &str| {
        let snapshots = server.snapshots();
        let diff = |from, to| server.block_on(snapshots.diff(from, to, None)).unwrap_err();
        let codes = [
            server.block_on(snapshots.delete(given)).unwrap_err().code,
            diff(given, None).code,
            diff(&first, Some(given)).code,
            server.try_restore(given).unwrap_err().code,
        ];
        assert!(
            codes.iter().all(|code| code == "SNAPSHOT_NOT_FOUND"),
            "{given}: {codes:?}"
        );
    };
    // Objects of the store that are no snapshots: a tree and a blob.
    let tree = server.git(&["rev-parse", &format!("{first}:files")]);
    let blob = server.git(&["rev-parse", &format!("{first}:files/a")]);
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
    assert_eq!(server.list().len(), 1);
}

#[test]
fn a_snapshot_of_a_later_version_is_told_and_not_left_out() {
    let server = SnapshotServer::open();
    let first = server.create().commit_hash;
    let tree = server.git(&["rev-parse", &format!("{first}^{{tree}}")]);
    let author = ["-c", "user.name=a", "-c", "user.email=b"];
    let message = "later\n\nLoopwire-Format: 2";
    let commit = [&author[..], &["commit-tree", "-m", message, tree.trim()]].concat();
    let later = server.git(&commit);
    server.git(&[
        "update-ref",
        "refs/snapshots/00000000000000000009",
        later.trim(),
    ]);
    assert_eq!(server.try_list().unwrap_err().code, "SNAPSHOT_FAILED");
}
