//! What a restore does, and what it leaves alone.

use std::fs;
use std::os::unix::fs::symlink;

use loopwire_workspace::Reason;

use crate::desk::{Desk, tree};
use crate::shapes::{Random, change, fill};

#[test]
fn the_tree_becomes_exactly_that_of_the_snapshot() {
    let seeds = std::env::var("LOOPWIRE_SNAPSHOT_SEEDS");
    for seed in 0..seeds.map_or(3, |seeds| seeds.parse().unwrap()) {
        let desk = Desk::new();
        fill(&desk.root);
        let before = tree(&desk.root);
        let first = desk.create();
        assert_eq!(tree(&desk.root), before);
        change(&desk.root, &mut Random(seed), 60);
        let after = tree(&desk.root);
        assert_ne!(after, before);
        let restored = desk.restore(&first.commit_hash);
        assert_eq!(tree(&desk.root), before, "seed {seed}");
        assert!(restored.written + restored.deleted > 0);
        // The safety snapshot has what was there before.
        desk.restore(&restored.safety_commit);
        assert_eq!(tree(&desk.root), after, "seed {seed}");
        let again = desk.restore(&restored.safety_commit);
        assert_eq!((again.written, again.deleted), (0, 0));
        desk.check_store();
        let head = fs::read_to_string(desk.path("nested/.git/HEAD")).unwrap();
        assert_eq!(head, "ref: refs/heads/main\n");
    }
}

#[test]
fn what_no_snapshot_holds_is_neither_deleted_nor_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::with(dir.path(), |options| options.max_snapshot_file_bytes = 1000);
    desk.write("kept", "1");
    desk.write("later-ignored", "1");
    desk.write("later-ignored-and-same", "1");
    desk.write("later-large", "1");
    desk.write("later-a-directory", "1");
    let first = desk.create();
    fs::remove_file(desk.path("later-a-directory")).unwrap();
    desk.write(".gitignore", "*.log\nbuild/\nlater-ignored*\n");
    desk.write("new/held", "2");
    desk.write("new/debug.log", "not held");
    desk.write("new/build/out", "not held");
    desk.write("new/node_modules/x/index.js", "not held");
    desk.write("new/large", vec![b'x'; 1001]);
    desk.write("only/held", "2");
    desk.write("later-ignored", "2, and not held");
    desk.write("later-large", vec![b'y'; 1001]);
    desk.write("later-a-directory/x.log", "not held");
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        desk.path("new/pipe"),
        rustix::fs::Mode::RWXU,
    )
    .unwrap();
    let second = desk.create();
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
    let error = desk.try_restore(&first.commit_hash).unwrap_err();
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
            fs::read_to_string(desk.path(path)).unwrap(),
            contents,
            "{path}"
        );
    }
    assert_eq!(fs::metadata(desk.path("new/large")).unwrap().len(), 1001);
    assert_eq!(fs::metadata(desk.path("later-large")).unwrap().len(), 1001);
    assert!(desk.path("new/pipe").exists());
    assert!(!desk.path("new/held").exists());
    assert!(!desk.path("only").exists());
    assert!(!desk.path(".gitignore").exists());
    // What was put into the safety snapshot comes back.
    let safety = error.message.rsplit(' ').next().unwrap();
    desk.restore(safety);
    assert_eq!(fs::read_to_string(desk.path("only/held")).unwrap(), "2");
}

#[test]
fn a_link_in_the_place_of_a_directory_leads_no_write_out_of_the_root() {
    let desk = Desk::new();
    desk.write("directory/file", "inside");
    let outside = desk.root.parent().unwrap().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "outside").unwrap();
    let first = desk.create();
    fs::remove_dir_all(desk.path("directory")).unwrap();
    symlink(&outside, desk.path("directory")).unwrap();
    desk.restore(&first.commit_hash);
    assert_eq!(
        fs::read_to_string(desk.path("directory/file")).unwrap(),
        "inside"
    );
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "outside");
    // The same with a link that no snapshot holds.
    fs::remove_dir_all(desk.path("directory")).unwrap();
    symlink(&outside, desk.path("directory")).unwrap();
    desk.write(".gitignore", "directory\n");
    let error = desk.try_restore(&first.commit_hash).unwrap_err();
    assert_eq!(error.code, "RESTORE_INCOMPLETE");
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "outside");
    assert!(desk.path("directory").is_symlink());
}

#[test]
fn a_restore_leaves_no_temporary_file_and_names_what_is_not_there() {
    let desk = Desk::new();
    desk.write("a", "1");
    let first = desk.create();
    desk.write("a", "2");
    for unknown in [
        "",
        "abc",
        &first.commit_hash[..12],
        "HEAD",
        "refs/snapshots/00000000000000000001",
        "--all",
        &"0".repeat(40),
    ] {
        let error = desk.try_restore(unknown).unwrap_err();
        assert_eq!(error.code, "SNAPSHOT_NOT_FOUND", "{unknown}");
    }
    desk.restore(&first.commit_hash);
    let names: Vec<_> = fs::read_dir(&desk.root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["a"]);
    assert!(!desk.store().join("restore.json").exists());
}
