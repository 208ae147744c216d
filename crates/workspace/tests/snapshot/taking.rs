//! What a snapshot holds, and what it leaves out.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loopwire_workspace::{Created, Reason, Skipped, SnapshotPhase, SnapshotProgress};

use crate::shapes::chmod;
use crate::support::{
    NOBODY, SnapshotServer, as_nobody, in_another_process, is_root, noise, other_process,
};
use crate::tree::tree;

#[test]
fn a_snapshot_holds_files_links_and_executables() {
    let server = SnapshotServer::open();
    server.write("a.txt", "one");
    server.write("src/main.rs", "fn main() {}");
    server.write("empty", "");
    symlink("a.txt", server.path("link")).unwrap();
    symlink("/etc/passwd", server.path("src/outside")).unwrap();
    let created = server.create();
    assert!(created.is_first);
    assert_eq!((created.files, created.changed), (5, 5));
    assert_eq!(created.bytes, 3 + 12 + 5 + 11);
    assert_eq!(created.skipped.count, 0);
    let files = server.files_of(&created.commit_hash);
    assert_eq!(
        files,
        ["a.txt", "empty", "link", "src/main.rs", "src/outside"]
    );
    let link = server.stored(&created.commit_hash, "src/outside");
    assert_eq!(link, "/etc/passwd");
    server.check_store();
    let again = server.create();
    assert!(!again.is_first);
    assert_eq!((again.files, again.changed), (5, 0));
    assert_ne!(again.commit_hash, created.commit_hash);
    fs::remove_dir_all(server.path("src")).unwrap();
    server.write("src", "a file now");
    let last = server.create();
    assert_eq!((last.files, last.changed), (4, 1));
    let files = server.files_of(&last.commit_hash);
    assert_eq!(files, ["a.txt", "empty", "link", "src"]);
}

/// What a snapshot has left out.
fn skipped(created: &Created) -> Vec<(String, Reason)> {
    let listed = created.skipped.listed.iter();
    let shown = |one: &Skipped| (String::from_utf8_lossy(&one.path).into_owned(), one.reason);
    listed.map(shown).collect()
}

#[test]
fn rules_of_all_directories_are_followed_and_repositories_left_out() {
    let server = SnapshotServer::open();
    for name in [
        "a.log",
        "keep.log",
        "sub/a.log",
        "sub/b.tmp",
        "sub/deep/b.tmp",
        "sub/deep/c.txt",
        "sub/only-here",
        "only-here",
        "build/x",
        "sub/build/x",
        "node_modules/a/index.js",
        "wanted/node_modules/a/index.js",
        ".git/config",
        "sub/.git",
        "sub/.GIT/config",
        "nested/.git/HEAD",
        "nested/.gitignore",
        "nested/file",
        ".loopwire-abc.tmp",
    ] {
        server.write(name, "x");
    }
    server.write(".gitignore", "*.log\n!keep.log\n/build/\n# a comment\n[\n");
    server.write("sub/.gitignore", "*.tmp\n/only-here\n!deep/b.tmp\n");
    server.write("wanted/.gitignore", "!node_modules\n");
    let created = server.create();
    assert_eq!(
        server.files_of(&created.commit_hash),
        [
            ".gitignore",
            "keep.log",
            "nested/.gitignore",
            "nested/file",
            "only-here",
            "sub/.gitignore",
            "sub/build/x",
            "sub/deep/b.tmp",
            "sub/deep/c.txt",
            "wanted/.gitignore",
            "wanted/node_modules/a/index.js",
        ]
    );
    let ignored = [
        "a.log",
        "build",
        "node_modules",
        "sub/a.log",
        "sub/b.tmp",
        "sub/only-here",
    ];
    let mut expected = ignored
        .map(|path| (path.to_owned(), Reason::Ignored))
        .to_vec();
    expected.insert(0, ("sub/.GIT".to_owned(), Reason::Special));
    assert_eq!(skipped(&created), expected);
}

#[test]
fn a_change_is_seen_however_it_was_made() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let server = SnapshotServer::open();
    server.write("same-time", "one");
    server.write("same-size", "one");
    server.write("executable", "one");
    server.write("replaced", "one");
    let first = server.create();
    // Often enough that one of them is in the tick of the clock in which the snapshot was taken.
    for round in 0..20 {
        server.write("same-size", format!("{round:03}"));
        let created = server.create();
        let stored = server.stored(&created.commit_hash, "same-size");
        assert_eq!(stored, format!("{round:03}"));
    }
    // The time of the contents is set back, as `tar` and `rsync` do it.
    let path = server.path("same-time");
    let before = fs::metadata(&path).unwrap();
    server.write("same-time", "two");
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().mtime_nsec(),
        before.mtime_nsec()
    );
    fs::set_permissions(server.path("executable"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(server.path("same-time"), server.path("moved")).unwrap();
    fs::rename(server.path("replaced"), server.path("same-time")).unwrap();
    let last = server.create();
    let told = server.git(&[
        "diff-tree",
        "-r",
        "--no-renames",
        "--name-status",
        &format!("{}:files", first.commit_hash),
        &format!("{}:files", last.commit_hash),
    ]);
    assert_eq!(told, "M\texecutable\nA\tmoved\nD\treplaced\nM\tsame-size\n");
    let moved = server.stored(&last.commit_hash, "moved");
    assert_eq!(moved, "two");
}

#[test]
fn what_cannot_be_read_is_named_and_nothing_else_is_lost() {
    let test = "what_cannot_be_read_is_named_and_nothing_else_is_lost";
    if let Some((dir, _)) = other_process() {
        let server = SnapshotServer::at(&dir);
        let created = server.create();
        assert_eq!(
            server.files_of(&created.commit_hash),
            ["open/file", "readable"]
        );
        let expected = [
            ("open/secret", Reason::Unreadable),
            ("secret", Reason::Unreadable),
        ];
        assert_eq!(
            skipped(&created),
            expected.map(|(path, reason)| (path.to_owned(), reason))
        );
        // They stay when the directory around them goes.
        fs::remove_file(server.path("open/file")).unwrap();
        server.restore(&created.commit_hash);
        assert!(server.path("open/secret").exists());
        return;
    }
    if !is_root() {
        println!("SKIPPED: {test}: only root can run a part of it as another user");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    for path in ["readable", "open/file", "open/secret", "secret/inside"] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    for path in ["", "root", "root/open", "root/open/file", "root/readable"] {
        let path = dir.path().join(path);
        std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    chmod(&root.join("open/secret"), 0o600);
    chmod(&root.join("secret"), 0o700);
    as_nobody(&format!("taking::{test}"), dir.path(), "");
}

#[test]
fn a_file_that_is_written_all_the_time_is_named() {
    let server = SnapshotServer::open();
    server.write("quiet", "x");
    server.write("busy", noise(4 << 20, 1));
    let stop = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (path, stop) = (server.path("busy"), Arc::clone(&stop));
        move || {
            let mut file = fs::File::options().append(true).open(path).unwrap();
            while !stop.load(Ordering::Relaxed) {
                file.write_all(b"x").unwrap();
            }
        }
    });
    let created = server.create();
    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    assert_eq!(skipped(&created), [("busy".to_owned(), Reason::Changed)]);
    assert_eq!(server.create().skipped.count, 0);
    server.check_store();
}

#[test]
fn too_many_files_are_refused_with_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let server = SnapshotServer::at_with(dir.path(), |options| options.max_snapshot_files = 10);
    for number in 0..11 {
        server.write(&format!("{}/{number}", number % 3), "x");
    }
    let error = server.try_create().unwrap_err();
    assert_eq!(error.code, "TOO_MANY_FILES");
    assert!(error.message.contains("10 files"), "{}", error.message);
    server.write(".gitignore", "/0\n");
    assert_eq!(server.create().files, 8);
}

#[test]
fn many_at_once_take_turns_and_too_many_are_refused() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let all = server.block_on(async {
        let tasks: Vec<_> = (0..40)
            .map(|_| {
                let snapshots = server.snapshots().clone();
                tokio::spawn(async move { snapshots.create(None, |_| {}).await })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.push(task.await.unwrap());
        }
        all
    });
    let (taken, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert!(taken.len() >= 16, "{}", taken.len());
    assert!(
        refused
            .iter()
            .all(|one| one.as_ref().unwrap_err().code == "BUSY")
    );
    let mut hashes: Vec<_> = taken
        .iter()
        .map(|one| &one.as_ref().unwrap().commit_hash)
        .collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), taken.len());
    let listed = server.git(&["for-each-ref", "refs/snapshots"]);
    assert_eq!(listed.lines().count(), taken.len());
    server.check_store();
}

#[test]
fn two_processes_take_turns_at_one_store() {
    let name = "taking::two_processes_take_turns_at_one_store";
    if let Some((dir, part)) = other_process() {
        let server = SnapshotServer::at(&dir);
        for round in 0..10 {
            server.write(&part, format!("{round}"));
            server.create();
        }
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for part in ["one", "two"] {
            let dir = dir.path();
            scope.spawn(move || in_another_process(name, dir, part));
        }
    });
    let server = SnapshotServer::at(dir.path());
    let listed = server.git(&["for-each-ref", "refs/snapshots"]);
    assert_eq!(listed.lines().count(), 20);
    let last = server.create();
    assert_eq!(last.changed, 0);
    server.check_store();
}

#[test]
fn a_closed_workspace_ends_what_runs() {
    let server = SnapshotServer::open();
    for number in 0..2000 {
        server.write(&format!("{}/{number}", number % 10), noise(2000, number));
    }
    let error = server.block_on(async {
        let snapshots = server.snapshots().clone();
        let (said, heard) = tokio::sync::oneshot::channel();
        let said = std::sync::Mutex::new(Some(said));
        let report = move |progress: SnapshotProgress| {
            if progress.phase == SnapshotPhase::Storing
                && let Some(said) = said.lock().unwrap().take()
            {
                said.send(()).unwrap();
            }
        };
        let task = tokio::spawn(async move { snapshots.create(None, report).await });
        heard.await.unwrap();
        server.workspace.close().await;
        task.await.unwrap().unwrap_err()
    });
    assert_eq!(error.code, "NO_WORKSPACE");
    assert_eq!(server.try_create().unwrap_err().code, "NO_WORKSPACE");
    assert_eq!(server.try_list().unwrap_err().code, "NO_WORKSPACE");
    server.check_store();
}

#[test]
fn an_empty_workspace_has_snapshots_and_a_deleted_store_is_made_again() {
    let server = SnapshotServer::open();
    let first = server.create();
    assert_eq!((first.files, first.is_first), (0, true));
    assert_eq!(server.create().changed, 0);
    server.write("a/b", "1");
    let second = server.create();
    server.restore(&first.commit_hash);
    assert_eq!(tree(server.root()), [""; 0]);
    server.restore(&second.commit_hash);
    assert_eq!(server.read("a/b"), "1");
    server.check_store();
    fs::remove_dir_all(server.store()).unwrap();
    assert!(server.create().is_first);
}

#[test]
fn a_snapshot_whose_predecessor_was_deleted_is_whole() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let first = server.create();
    server.git(&[
        "update-ref",
        "-d",
        "refs/snapshots/00000000000000000001",
        &first.commit_hash,
    ]);
    server.git(&["gc", "--quiet", "--prune=now"]);
    let second = server.create();
    assert_eq!((second.changed, second.is_first), (1, true));
    assert_eq!(server.files_of(&second.commit_hash), ["a"]);
    // A damaged index is none.
    server.write("b", "2");
    fs::write(server.store().join("index"), "damaged").unwrap();
    assert_eq!(server.create().changed, 2);
    server.check_store();
}
