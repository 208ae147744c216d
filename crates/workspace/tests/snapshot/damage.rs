//! What happens between the steps of a restore, and to a store that was damaged.

use std::fs::{self, File};

use loopwire_workspace::SnapshotPhase as Phase;

use crate::desk::{Desk, tree};
use crate::processes::{command, other, run};
use crate::support::{NOBODY, is_root, succeeds};

/// Changes a file so that its size and its time are what they were.
fn change_unseen(path: &std::path::Path, contents: &str) {
    let time = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, contents).unwrap();
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

#[test]
fn a_change_behind_the_safety_snapshot_survives_although_size_and_time_are_the_same() {
    let desk = Desk::new();
    desk.write("replaced", "11");
    let first = desk.create();
    desk.write("replaced", "22");
    desk.write("deleted", "22");
    let (one, other) = (desk.path("replaced"), desk.path("deleted"));
    let change = move |phase| {
        if phase == Phase::Reading && fs::read_to_string(&one).unwrap() == "22" {
            change_unseen(&one, "33");
            change_unseen(&other, "33");
        }
    };
    let restored = desk.block_on(
        desk.snapshots()
            .restore(&first.commit_hash, move |progress| change(progress.phase)),
    );
    for name in ["replaced", "deleted"] {
        assert_eq!(fs::read_to_string(desk.path(name)).unwrap(), "33", "{name}");
    }
    let error = restored.unwrap_err();
    assert_eq!(error.code, "RESTORE_INCOMPLETE");
    assert!(error.message.starts_with("2 could"), "{}", error.message);
}

#[test]
fn another_name_of_a_file_is_no_change() {
    let desk = Desk::new();
    desk.write("one", "11");
    let first = desk.create();
    desk.write("one", "22");
    fs::hard_link(desk.path("one"), desk.path("other")).unwrap();
    desk.restore(&first.commit_hash);
    assert_eq!(tree(&desk.root).len(), 1);
}

#[test]
fn what_the_rules_of_the_snapshot_ignore_is_left_alone() {
    let desk = Desk::new();
    desk.write(".gitignore", ".env\n/build/\n!node_modules\n");
    desk.write("sub/.gitignore", "*.key\n");
    desk.write("sub/code", "1");
    let first = desk.create();
    desk.write(".env", "secret");
    desk.write("build/deep/out", "made");
    desk.write("sub/deep/a.key", "secret");
    desk.write("sub/deep/code", "2");
    // Somebody deletes the rules.
    fs::remove_file(desk.path(".gitignore")).unwrap();
    fs::remove_file(desk.path("sub/.gitignore")).unwrap();
    let second = desk.create();
    assert_eq!(second.skipped.count, 0);
    let restored = desk.restore(&first.commit_hash);
    for (path, contents) in [
        (".env", "secret"),
        ("build/deep/out", "made"),
        ("sub/deep/a.key", "secret"),
    ] {
        let found = fs::read_to_string(desk.path(path));
        assert_eq!(found.ok().as_deref(), Some(contents), "{path}");
    }
    assert!(!desk.path("sub/deep/code").exists());
    assert!(desk.path(".gitignore").exists());
    assert_eq!((restored.written, restored.deleted), (2, 1));
    // The way back.
    desk.restore(&restored.safety_commit);
    assert!(!desk.path(".gitignore").exists());
    assert_eq!(fs::read_to_string(desk.path("sub/deep/code")).unwrap(), "2");
}

#[test]
fn what_the_rules_of_the_snapshot_ignore_gives_way_to_what_it_holds() {
    let desk = Desk::new();
    desk.write(".gitignore", "build/\nout\n");
    desk.write("build", "a file");
    desk.write("out-is-held/x", "1");
    let first = desk.create();
    fs::remove_file(desk.path(".gitignore")).unwrap();
    fs::remove_file(desk.path("build")).unwrap();
    desk.write("build/deep/out", "made");
    let before = tree(&desk.root);
    let restored = desk.restore(&first.commit_hash);
    assert_eq!(fs::read_to_string(desk.path("build")).unwrap(), "a file");
    desk.restore(&restored.safety_commit);
    assert_eq!(tree(&desk.root), before);
}

#[test]
fn what_a_killed_git_or_process_leaves_is_swept() {
    let desk = Desk::new();
    desk.write("a", "1");
    let first = desk.create();
    desk.write("a", "2");
    let store = desk.store();
    let left = [
        "repository.git/refs/comparison.lock",
        "repository.git/refs/snapshots/00000000000000000002.lock",
        "index-Ab12Cd",
        "restore-Ab12Cd",
    ];
    for name in left {
        fs::write(store.join(name), "left").unwrap();
    }
    fs::write(store.join("lock"), "in use\n").unwrap();
    let diff = desk.block_on(desk.snapshots().diff(&first.commit_hash, None, None));
    assert_eq!(diff.unwrap().total, 1);
    for name in left {
        assert!(!store.join(name).exists(), "{name}");
    }
}

/// Removes the contents of all snapshots.
fn lose_packs(desk: &Desk) {
    let packs = desk.store().join("repository.git/objects/pack");
    for entry in fs::read_dir(packs).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

#[test]
fn a_store_that_lost_its_contents_can_be_used_again() {
    let desk = Desk::new();
    desk.write("a", "1");
    desk.write("b/c", "1");
    let lost = desk.create();
    lose_packs(&desk);
    desk.write("a", "2");
    let error = desk.try_restore(&lost.commit_hash).unwrap_err();
    assert_eq!(error.code, "SNAPSHOT_FAILED");
    assert_eq!(fs::read_to_string(desk.path("a")).unwrap(), "2");
    let kept = desk.create();
    assert_eq!(desk.files_of(&kept.commit_hash), ["a", "b/c"]);
    desk.git(&[
        "cat-file",
        "blob",
        &format!("{}:files/b/c", kept.commit_hash),
    ]);
    let listed = desk.block_on(desk.snapshots().list(None));
    let error = listed.unwrap_err();
    let named = format!("the first is {}", lost.commit_hash);
    assert!(error.message.ends_with(&named), "{}", error.message);
    fs::remove_dir_all(desk.path("b")).unwrap();
    desk.restore(&kept.commit_hash);
    assert_eq!(fs::read_to_string(desk.path("b/c")).unwrap(), "1");
    let deleted = desk.block_on(desk.snapshots().delete(&lost.commit_hash));
    deleted.unwrap();
    let listed = desk.block_on(desk.snapshots().list(None)).unwrap();
    assert_eq!(listed.last().unwrap().commit_hash, kept.commit_hash);
    desk.check_store();
}

#[test]
fn nothing_is_replaced_whose_contents_the_store_has_lost() {
    let desk = Desk::new();
    desk.write("a", "1");
    desk.create();
    let packs = desk.store().join("repository.git/objects/pack");
    let old: Vec<_> = fs::read_dir(&packs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    desk.write("a", "2");
    desk.write("b", "2");
    let second = desk.create();
    // The same as in the first one: it is not stored again.
    desk.write("a", "1");
    desk.create();
    std::thread::sleep(std::time::Duration::from_millis(50));
    desk.create();
    for path in old {
        fs::remove_file(path).unwrap();
    }
    let before = tree(&desk.root);
    match desk.try_restore(&second.commit_hash) {
        Err(error) => {
            assert_eq!(error.code, "SNAPSHOT_FAILED", "{error:?}");
            assert_eq!(tree(&desk.root), before);
        }
        Ok(restored) => {
            let object = format!("{}:files/a", restored.safety_commit);
            assert_eq!(desk.git(&["cat-file", "blob", &object]), "1");
        }
    }
}

#[test]
fn a_superuser_that_may_not_give_files_away_restores_them() {
    if let Some((dir, commit_hash)) = other() {
        Desk::at(&dir).restore(&commit_hash);
        return;
    }
    let without = ["--bounding-set", "-chown"];
    if !is_root() || !succeeds("setpriv", &without, std::path::Path::new("true")) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::at(dir.path());
    desk.write("a", "1");
    let first = desk.create().commit_hash;
    desk.write("a", "2");
    std::os::unix::fs::chown(desk.path("a"), Some(NOBODY), Some(NOBODY)).unwrap();
    let name = "damage::a_superuser_that_may_not_give_files_away_restores_them";
    let again = command(name, dir.path(), &first);
    let mut weaker = std::process::Command::new("setpriv");
    weaker
        .args(without)
        .arg(again.get_program())
        .args(again.get_args());
    for (name, value) in again.get_envs() {
        weaker.env(name, value.unwrap_or_default());
    }
    run(weaker);
    assert_eq!(fs::read_to_string(desk.path("a")).unwrap(), "1");
}

#[test]
fn what_has_the_name_of_the_staging_directory_stops_restores_alone() {
    let desk = Desk::new();
    desk.write("a", "1");
    let first = desk.create();
    desk.write("a", "2");
    let name = ".loopwire-restore.tmp";
    for deep in [false, true] {
        match deep {
            false => desk.write(name, "somebody's"),
            true => desk.write(&format!("{name}/deep/file"), "somebody's"),
        }
        for _ in 0..2 {
            let error = desk.try_restore(&first.commit_hash).unwrap_err();
            assert!(error.message.contains(name), "{error:?}");
            desk.create();
        }
        assert_eq!(fs::read_to_string(desk.path("a")).unwrap(), "2");
        let _ = fs::remove_file(desk.path(name));
    }
    fs::remove_dir_all(desk.path(name)).unwrap();
    desk.restore(&first.commit_hash);
    assert_eq!(fs::read_to_string(desk.path("a")).unwrap(), "1");
}
