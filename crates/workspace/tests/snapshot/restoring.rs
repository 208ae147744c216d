//! What a restore does, and what it leaves alone.

use std::fs;
use std::os::unix::fs::symlink;

use loopwire_workspace::Reason;

use crate::shapes::{Random, change, fill};
use crate::support::SnapshotServer;
use crate::tree::tree;

#[test]
fn the_tree_becomes_exactly_that_of_the_snapshot() {
    let seeds = std::env::var("LOOPWIRE_SNAPSHOT_SEEDS");
    for seed in 0..seeds.map_or(3, |seeds| seeds.parse().unwrap()) {
        let server = SnapshotServer::open();
        fill(server.root());
        let before = tree(server.root());
        let first = server.create();
        assert_eq!(tree(server.root()), before);
        change(server.root(), &mut Random(seed), 60);
        let after = tree(server.root());
        assert_ne!(after, before);
        let restored = server.restore(&first.commit_hash);
        assert_eq!(tree(server.root()), before, "seed {seed}");
        assert!(restored.written + restored.deleted > 0);
        // The safety snapshot has what was there before.
        server.restore(&restored.safety_commit);
        assert_eq!(tree(server.root()), after, "seed {seed}");
        let again = server.restore(&restored.safety_commit);
        assert_eq!((again.written, again.deleted), (0, 0));
        server.check_store();
        let head = server.read("nested/.git/HEAD");
        assert_eq!(head, "ref: refs/heads/main\n");
    }
}

#[test]
fn what_no_snapshot_holds_is_neither_deleted_nor_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let server =
        SnapshotServer::at_with(dir.path(), |options| options.max_snapshot_file_bytes = 1000);
    server.write("kept", "1");
    server.write("later-ignored", "1");
    server.write("later-ignored-and-same", "1");
    server.write("later-large", "1");
    server.write("later-a-directory", "1");
    let first = server.create();
    fs::remove_file(server.path("later-a-directory")).unwrap();
    server.write(".gitignore", "*.log\nbuild/\nlater-ignored*\n");
    server.write("new/held", "2");
    server.write("new/debug.log", "not held");
    server.write("new/build/out", "not held");
    server.write("new/node_modules/x/index.js", "not held");
    server.write("new/large", vec![b'x'; 1001]);
    server.write("only/held", "2");
    server.write("later-ignored", "2, and not held");
    server.write("later-large", vec![b'y'; 1001]);
    server.write("later-a-directory/x.log", "not held");
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        server.path("new/pipe"),
        rustix::fs::Mode::RWXU,
    )
    .unwrap();
    let second = server.create();
    let reasons: Vec<_> = (second.skipped.listed.iter())
        .map(|one| (String::from_utf8_lossy(&one.path).into_owned(), one.reason))
        .collect();
    let expected = [
        ("new/pipe", Reason::Special),
        ("later-large", Reason::TooLarge),
        ("new/large", Reason::TooLarge),
        ("later-a-directory/x.log", Reason::Ignored),
        ("later-ignored", Reason::Ignored),
        ("later-ignored-and-same", Reason::Ignored),
        ("new/build", Reason::Ignored),
        ("new/debug.log", Reason::Ignored),
        ("new/node_modules", Reason::Ignored),
    ];
    assert_eq!(
        reasons,
        expected.map(|(path, reason)| (path.to_owned(), reason))
    );
    let error = server.try_restore(&first.commit_hash).unwrap_err();
    assert_eq!(error.code, "RESTORE_INCOMPLETE");
    for name in ["later-ignored (", "later-large (", "later-a-directory ("] {
        assert!(error.message.contains(name), "{}", error.message);
    }
    assert!(
        error.message.starts_with("3 could not"),
        "{}",
        error.message
    );
    for (path, contents) in [
        ("kept", "1"),
        ("new/debug.log", "not held"),
        ("new/build/out", "not held"),
        ("new/node_modules/x/index.js", "not held"),
        ("later-ignored", "2, and not held"),
        ("later-ignored-and-same", "1"),
        ("later-a-directory/x.log", "not held"),
    ] {
        assert_eq!(
            fs::read_to_string(server.path(path)).unwrap(),
            contents,
            "{path}"
        );
    }
    assert_eq!(fs::metadata(server.path("new/large")).unwrap().len(), 1001);
    assert_eq!(
        fs::metadata(server.path("later-large")).unwrap().len(),
        1001
    );
    assert!(server.path("new/pipe").exists());
    assert!(!server.path("new/held").exists());
    assert!(!server.path("only").exists());
    assert!(!server.path(".gitignore").exists());
    // What was put into the safety snapshot comes back.
    let safety = error.message.rsplit(' ').next().unwrap();
    server.restore(safety);
    assert_eq!(server.read("only/held"), "2");
}

#[test]
fn a_link_in_the_place_of_a_directory_leads_no_write_out_of_the_root() {
    let server = SnapshotServer::open();
    server.write("directory/file", "inside");
    let outside = server.root().parent().unwrap().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "outside").unwrap();
    let first = server.create();
    fs::remove_dir_all(server.path("directory")).unwrap();
    symlink(&outside, server.path("directory")).unwrap();
    server.restore(&first.commit_hash);
    assert_eq!(server.read("directory/file"), "inside");
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "outside");
    // The same with a link that no snapshot holds.
    fs::remove_dir_all(server.path("directory")).unwrap();
    symlink(&outside, server.path("directory")).unwrap();
    server.write(".gitignore", "directory\n");
    let error = server.try_restore(&first.commit_hash).unwrap_err();
    assert_eq!(error.code, "RESTORE_INCOMPLETE");
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "outside");
    assert!(server.path("directory").is_symlink());
}

#[test]
fn a_restore_leaves_no_temporary_file_and_names_what_is_not_there() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let first = server.create();
    server.write("a", "2");
    for unknown in [
        "",
        "abc",
        &first.commit_hash[..12],
        "HEAD",
        "refs/snapshots/00000000000000000001",
        "--all",
        &"0".repeat(40),
    ] {
        let error = server.try_restore(unknown).unwrap_err();
        assert_eq!(error.code, "SNAPSHOT_NOT_FOUND", "{unknown}");
    }
    server.restore(&first.commit_hash);
    let names: Vec<_> = fs::read_dir(server.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["a"]);
    assert!(!server.store().join("restore.json").exists());
}
