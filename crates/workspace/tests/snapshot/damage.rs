//! What happens between the steps of a restore, and to a store that was damaged.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use loopwire_workspace::SnapshotPhase as Phase;

use crate::support::{
    NOBODY, SnapshotServer, another_process, is_root, other_process, run_process, succeeds,
};
use crate::tree::tree;

/// Changes a file so that its size and its time are what they were.
fn change_unseen(path: &Path, contents: &str) {
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
    let server = SnapshotServer::open();
    server.write("replaced", "11");
    let first = server.create();
    server.write("replaced", "22");
    server.write("deleted", "22");
    let (one, other) = (server.path("replaced"), server.path("deleted"));
    let change = move |phase| {
        if phase == Phase::Reading && fs::read_to_string(&one).unwrap() == "22" {
            change_unseen(&one, "33");
            change_unseen(&other, "33");
        }
    };
    let restored = server.block_on(
        server
            .snapshots()
            .restore(&first.commit_hash, move |progress| change(progress.phase)),
    );
    for name in ["replaced", "deleted"] {
        assert_eq!(server.read(name), "33", "{name}");
    }
    let error = restored.unwrap_err();
    assert_eq!(error.code, "RESTORE_INCOMPLETE");
    assert!(error.message.starts_with("2 could"), "{}", error.message);
}

#[test]
fn another_name_of_a_file_is_no_change() {
    let server = SnapshotServer::open();
    server.write("one", "11");
    let first = server.create();
    server.write("one", "22");
    fs::hard_link(server.path("one"), server.path("other")).unwrap();
    server.restore(&first.commit_hash);
    assert_eq!(tree(server.root()).len(), 1);
}

#[test]
fn what_the_rules_of_the_snapshot_ignore_is_left_alone() {
    let server = SnapshotServer::open();
    server.write(".gitignore", ".env\n/build/\n!node_modules\n");
    server.write("sub/.gitignore", "*.key\n");
    server.write("sub/code", "1");
    let first = server.create();
    server.write(".env", "secret");
    server.write("build/deep/out", "made");
    server.write("sub/deep/a.key", "secret");
    server.write("sub/deep/code", "2");
    // Somebody deletes the rules.
    fs::remove_file(server.path(".gitignore")).unwrap();
    fs::remove_file(server.path("sub/.gitignore")).unwrap();
    let second = server.create();
    assert_eq!(second.skipped.count, 0);
    let restored = server.restore(&first.commit_hash);
    for (path, contents) in [
        (".env", "secret"),
        ("build/deep/out", "made"),
        ("sub/deep/a.key", "secret"),
    ] {
        let found = fs::read_to_string(server.path(path));
        assert_eq!(found.ok().as_deref(), Some(contents), "{path}");
    }
    assert!(!server.path("sub/deep/code").exists());
    assert!(server.path(".gitignore").exists());
    assert_eq!((restored.written, restored.deleted), (2, 1));
    // The way back.
    server.restore(&restored.safety_commit);
    assert!(!server.path(".gitignore").exists());
    assert_eq!(server.read("sub/deep/code"), "2");
}

#[test]
fn what_the_rules_of_the_snapshot_ignore_gives_way_to_what_it_holds() {
    let server = SnapshotServer::open();
    server.write(".gitignore", "build/\nout\n");
    server.write("build", "a file");
    server.write("out-is-held/x", "1");
    let first = server.create();
    fs::remove_file(server.path(".gitignore")).unwrap();
    fs::remove_file(server.path("build")).unwrap();
    server.write("build/deep/out", "made");
    let before = tree(server.root());
    let restored = server.restore(&first.commit_hash);
    assert_eq!(server.read("build"), "a file");
    server.restore(&restored.safety_commit);
    assert_eq!(tree(server.root()), before);
}

#[test]
fn what_a_killed_git_or_process_leaves_is_swept() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let first = server.create();
    server.write("a", "2");
    let store = server.store();
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
    assert_eq!(server.diff(&first.commit_hash, None, None).total, 1);
    for name in left {
        assert!(!store.join(name).exists(), "{name}");
    }
}

/// The files with the contents of all snapshots.
fn packs(server: &SnapshotServer) -> Vec<PathBuf> {
    let packs = fs::read_dir(server.store().join("repository.git/objects/pack"));
    packs.unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn lose(packs: Vec<PathBuf>) {
    for path in packs {
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_store_that_lost_its_contents_can_be_used_again() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    server.write("b/c", "1");
    let lost = server.create();
    lose(packs(&server));
    server.write("a", "2");
    let error = server.try_restore(&lost.commit_hash).unwrap_err();
    assert_eq!(error.code, "SNAPSHOT_FAILED");
    assert_eq!(server.read("a"), "2");
    let kept = server.create();
    assert_eq!(server.files_of(&kept.commit_hash), ["a", "b/c"]);
    server.stored(&kept.commit_hash, "b/c");
    let error = server.try_list().unwrap_err();
    let named = format!("the first is {}", lost.commit_hash);
    assert!(error.message.ends_with(&named), "{}", error.message);
    fs::remove_dir_all(server.path("b")).unwrap();
    server.restore(&kept.commit_hash);
    assert_eq!(server.read("b/c"), "1");
    server.delete(&lost.commit_hash);
    assert_eq!(server.list().last().unwrap().commit_hash, kept.commit_hash);
    server.check_store();
}

#[test]
fn nothing_is_replaced_whose_contents_the_store_has_lost() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    server.create();
    let old = packs(&server);
    server.write("a", "2");
    server.write("b", "2");
    let second = server.create();
    // The same as in the first one: it is not stored again.
    server.write("a", "1");
    server.create();
    std::thread::sleep(std::time::Duration::from_millis(50));
    server.create();
    lose(old);
    let before = tree(server.root());
    match server.try_restore(&second.commit_hash) {
        Err(error) => {
            assert_eq!(error.code, "SNAPSHOT_FAILED", "{error:?}");
            assert_eq!(tree(server.root()), before);
        }
        Ok(restored) => {
            assert_eq!(server.stored(&restored.safety_commit, "a"), "1");
        }
    }
}

#[test]
fn a_superuser_that_may_not_give_files_away_restores_them() {
    if let Some((dir, commit_hash)) = other_process() {
        SnapshotServer::at(&dir).restore(&commit_hash);
        return;
    }
    let without = ["--bounding-set", "-chown"];
    let test = "a_superuser_that_may_not_give_files_away_restores_them";
    if !is_root() {
        println!("SKIPPED: {test}: only root can give files away");
        return;
    }
    if !succeeds("setpriv", &without, Path::new("true")) {
        println!("SKIPPED: {test}: setpriv cannot take the right away here");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = SnapshotServer::at(dir.path());
    server.write("a", "1");
    let first = server.create().commit_hash;
    server.write("a", "2");
    std::os::unix::fs::chown(server.path("a"), Some(NOBODY), Some(NOBODY)).unwrap();
    let again = another_process(&format!("damage::{test}"), dir.path(), &first);
    let mut weaker = Command::new("setpriv");
    weaker
        .args(without)
        .arg(again.get_program())
        .args(again.get_args());
    for (name, value) in again.get_envs() {
        weaker.env(name, value.unwrap_or_default());
    }
    run_process(weaker);
    assert_eq!(server.read("a"), "1");
}

#[test]
fn what_has_the_name_of_the_staging_directory_stops_restores_alone() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let first = server.create();
    server.write("a", "2");
    let name = ".loopwire-restore.tmp";
    for deep in [false, true] {
        match deep {
            false => server.write(name, "somebody's"),
            true => server.write(&format!("{name}/deep/file"), "somebody's"),
        }
        for _ in 0..2 {
            let error = server.try_restore(&first.commit_hash).unwrap_err();
            assert!(error.message.contains(name), "{error:?}");
            server.create();
        }
        assert_eq!(server.read("a"), "2");
        let _ = fs::remove_file(server.path(name));
    }
    fs::remove_dir_all(server.path(name)).unwrap();
    server.restore(&first.commit_hash);
    assert_eq!(server.read("a"), "1");
}
