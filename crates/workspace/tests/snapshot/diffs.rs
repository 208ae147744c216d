//! What differs between two snapshots, and between one and the files.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use loopwire_workspace::{Change, ChangeType};

use crate::support::SnapshotServer;

fn change(path: &str, change_type: ChangeType, old_size: Option<u64>, size: Option<u64>) -> Change {
    Change {
        path: path.to_owned(),
        change_type,
        old_path: None,
        size,
        old_size,
    }
}

#[test]
fn each_kind_of_change_is_told_with_both_sizes() {
    let server = SnapshotServer::open();
    for (name, text) in [
        ("deleted", "12345"),
        ("dir/moved", "some contents that are like no others\n"),
        ("edited", "123"),
        ("executable", "1"),
        ("kept", "1"),
        ("linked", "1234"),
        ("private", "12"),
    ] {
        server.write(name, text);
    }
    let before = server.create().commit_hash;
    let path = |name: &str| server.path(name);
    fs::remove_file(path("deleted")).unwrap();
    fs::rename(path("dir/moved"), path("new place")).unwrap();
    server.write("edited", "12");
    fs::set_permissions(path("executable"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(path("private"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::remove_file(path("linked")).unwrap();
    symlink("kept", path("linked")).unwrap();
    server.write("made", "");
    let odd = server.root().join(OsStr::from_bytes(b"od\xffd\n"));
    fs::write(odd, "odd").unwrap();

    use ChangeType::{Created, Deleted, Modified, Renamed};
    let moved = Change {
        old_path: Some("dir/moved".to_owned()),
        ..change("new place", Renamed, Some(38), Some(38))
    };
    let expected = [
        change("deleted", Deleted, Some(5), None),
        change("edited", Modified, Some(3), Some(2)),
        change("executable", Modified, Some(1), Some(1)),
        change("linked", Modified, Some(4), Some(4)),
        change("made", Created, None, Some(0)),
        moved,
        change("od\u{fffd}d\n", Created, None, Some(3)),
        change("private", Modified, Some(2), Some(2)),
    ];
    let now = server.diff(&before, None, None);
    assert_eq!(now.changes, expected);
    assert_eq!((now.total, now.truncated), (8, false));
    let after = server.create().commit_hash;
    assert_eq!(server.diff(&before, Some(&after), None), now);
    assert_eq!(server.diff(&after, Some(&after), None).total, 0);
    assert_eq!(server.diff(&after, None, None).total, 0);
    let back = server.diff(&after, Some(&before), None);
    assert_eq!(back.changes[0], change("deleted", Created, None, Some(5)));
}

#[test]
fn a_workspace_without_files_is_compared_too() {
    let server = SnapshotServer::open();
    let empty = server.create().commit_hash;
    server.write("a", "1");
    let expected = [change("a", ChangeType::Created, None, Some(1))];
    assert_eq!(server.diff(&empty, None, None).changes, expected);
    let full = server.create().commit_hash;
    let expected = [change("a", ChangeType::Deleted, Some(1), None)];
    assert_eq!(server.diff(&full, Some(&empty), None).changes, expected);
}

#[test]
fn only_so_many_paths_are_listed_and_all_are_counted() {
    let server = SnapshotServer::open();
    let before = server.create().commit_hash;
    // Paths of two kilobytes: 600 of them are more than a message should have.
    let deep = format!("{0}/{0}/{0}/{0}/{0}/{0}/{0}/{0}", "d".repeat(240));
    for number in 0..600 {
        server.write(&format!("{deep}/{number:03}"), "");
        server.write(&format!("short/{number:03}"), "");
    }
    let diff = server.diff(&before, None, Some(5));
    assert_eq!(
        (diff.changes.len(), diff.total, diff.truncated),
        (5, 1_200, true)
    );
    let diff = server.diff(&before, None, Some(10_000));
    let bytes: usize = diff.changes.iter().map(|change| change.path.len()).sum();
    assert!((1_000_000..=1 << 20).contains(&bytes), "{bytes}");
    assert_eq!((diff.total, diff.truncated), (1_200, true));
    let (from, to) = (server.create().commit_hash, before);
    fs::remove_dir_all(server.path(&deep[..240])).unwrap();
    let diff = server.diff(&from, None, None);
    assert_eq!(diff.total, 600);
    assert_eq!(server.diff(&from, Some(&to), Some(1)).total, 1_200);
}

#[test]
fn a_comparison_with_the_files_leaves_no_snapshot() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let first = server.create().commit_hash;
    server.write("a", "22");
    // One that was cut off has left its ref.
    server.git(&["update-ref", "refs/comparison", &first]);
    for _ in 0..2 {
        let diff = server.diff(&first, None, None);
        let expected = [change("a", ChangeType::Modified, Some(1), Some(2))];
        assert_eq!(diff.changes, expected);
    }
    assert_eq!(server.list().len(), 1);
    assert_eq!(server.git(&["for-each-ref", "--format=x"]), "x\n");
    let second = server.take("second").0;
    assert!(!second.is_first);
    assert_eq!(second.changed, 1);
    server.check_store();
}
