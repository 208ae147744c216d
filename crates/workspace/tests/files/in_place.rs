//! Files that cannot be replaced, or not without losing what they have: they are written in place, and that is told.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use loopwire_workspace::Options;
use serde_json::{Value, json};

use crate::support::{NOBODY, TestServer, as_nobody, is_root, noise, other_process, succeeds};

/// A mount that ends with the test.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// What tells one file from another, and who may do what with it.
fn identity(path: &Path) -> (u64, u32, u32, u32) {
    let found = fs::metadata(path).unwrap();
    (found.ino(), found.uid(), found.gid(), found.mode())
}

#[test]
fn a_user_who_may_write_a_file_leaves_it_to_its_owner() {
    let test = "in_place::a_user_who_may_write_a_file_leaves_it_to_its_owner";
    if let Some((directory, part)) = other_process() {
        let server = TestServer::at(&directory, Options::default());
        let file = server.path(&part);
        let (before, names) = (
            identity(&file),
            fs::read_dir(file.parent().unwrap()).unwrap().count(),
        );
        // Longer, shorter and empty, in both ways.
        let long = noise(300_000, 1);
        let mut client = server.connect_binary();
        for contents in [&long[..], b"short", b""] {
            let done = client.upload(&part, contents, 100_000);
            assert_eq!(
                (&done["atomic"], &done["size"]),
                (&json!(false), &json!(contents.len()))
            );
            assert_eq!(server.read_file(&part), contents);
        }
        let done = client.write(&json!({"path": part, "content": "new"}));
        assert_eq!(done["atomic"], false);
        assert_eq!(server.read_file(&part), b"new");
        let done = server.block_on(server.files.write(&part, "newer".as_bytes(), None));
        assert!(!done.unwrap().atomic);
        // The set-user-ID bit goes, as the kernel has it.
        assert_eq!(
            identity(&file),
            (before.0, before.1, before.2, before.3 & !0o6000)
        );
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), names);
        // A mode that this user may not give is refused before anything changes.
        if before.1 != NOBODY {
            let write = json!({"path": part, "content": "no", "mode": 0o600});
            assert_eq!(client.refused("file:write", &write), "NOT_PERMITTED");
            assert_eq!(server.read_file(&part), b"newer");
        }
        return;
    }
    if !is_root() {
        println!(
            "SKIPPED: a_user_who_may_write_a_file_leaves_it_to_its_owner: only root has another user's files"
        );
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    set_mode(directory.path(), 0o755);
    for (name, directory_mode) in [("open", 0o777), ("closed", 0o755), ("sticky", 0o1777)] {
        fs::create_dir(directory.path().join(name)).unwrap();
        set_mode(&directory.path().join(name), directory_mode);
        for (file, owner, group, bits) in [
            ("theirs", 0, 0, 0o666),
            ("group", 1234, NOBODY, 0o664),
            ("foreign-group", NOBODY, 5678, 0o640),
            ("set-id", 0, 0, 0o4777),
        ] {
            let path = directory.path().join(name).join(file);
            fs::write(&path, "old").unwrap();
            chown(&path, Some(owner), Some(group)).unwrap();
            set_mode(&path, bits);
            as_nobody(test, directory.path(), &format!("{name}/{file}"));
        }
    }
}

#[test]
fn an_upload_that_is_cut_off_leaves_a_file_that_is_written_in_place_as_it_was() {
    let test =
        "in_place::an_upload_that_is_cut_off_leaves_a_file_that_is_written_in_place_as_it_was";
    if let Some((directory, _)) = other_process() {
        let server = TestServer::at(&directory, Options::default());
        let mut client = server.connect_binary();
        let stream = client.begin_upload("x", 100);
        client.send_piece(stream, 0, b"new");
        assert!(client.answers_ping());
        client.disconnect();
        crate::support::until("it is over", || server.files.transfers() == 0);
        assert_eq!(server.read_file("x"), b"old");
        return;
    }
    if !is_root() {
        println!(
            "SKIPPED: an_upload_that_is_cut_off_leaves_a_file_that_is_written_in_place_as_it_was: only root has another user's files"
        );
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    set_mode(directory.path(), 0o755);
    let file = directory.path().join("x");
    fs::write(&file, "old").unwrap();
    set_mode(&file, 0o666);
    as_nobody(test, directory.path(), "");
}

#[test]
fn a_file_that_is_mounted_is_written_where_it_is() {
    let test = "a_file_that_is_mounted_is_written_where_it_is";
    let server = TestServer::open();
    let other = tempfile::tempdir().unwrap();
    let source = other.path().join("source");
    fs::write(&source, "old").unwrap();
    server.write_file("x", "below");
    let path = source.to_str().unwrap();
    if !succeeds("mount", &["--bind", path], &server.path("x")) {
        println!("SKIPPED: {test}: files cannot be mounted here");
        return;
    }
    let mounted = server.path("x");
    let mounted = Mounted(&mounted);
    let before = identity(&source);
    let mut client = server.connect();
    let done = client.write(&json!({"path": "x", "content": "new"}));
    assert_eq!(done["atomic"], false);
    assert_eq!(fs::read(&source).unwrap(), b"new");
    assert_eq!(identity(&source), before);
    let done = client.write(&json!({"path": "x", "content": "newer", "mode": 0o600}));
    assert_eq!(done["atomic"], false);
    assert_eq!(identity(&source).3 & 0o7777, 0o600);
    assert_eq!(server.names(), ["x"]);
    drop(mounted);
    assert_eq!(server.read_file("x"), b"below");
}

#[test]
fn two_writes_in_place_do_not_mix() {
    let test = "two_writes_in_place_do_not_mix";
    let server = TestServer::open();
    let other = tempfile::tempdir().unwrap();
    let source = other.path().join("source");
    fs::write(&source, "old").unwrap();
    server.write_file("x", "below");
    let mounted = server.path("x");
    if !succeeds("mount", &["--bind", source.to_str().unwrap()], &mounted) {
        println!("SKIPPED: {test}: files cannot be mounted here");
        return;
    }
    let _mounted = Mounted(&mounted);
    let contents =
        [2_000_000, 3_000_000, 1_000_000, 2_500_000].map(|length| noise(length, length as u64));
    let write = |index: usize| server.files.write("x", contents[index].clone(), None);
    for _ in 0..20 {
        let done = server.block_on(async { tokio::join!(write(0), write(1), write(2), write(3)) });
        for done in [done.0, done.1, done.2, done.3] {
            assert!(!done.unwrap().atomic);
        }
        let found = fs::read(&source).unwrap();
        assert!(contents.contains(&found), "{} bytes", found.len());
    }
}

#[test]
fn a_full_disk_is_found_before_a_file_changes_in_place() {
    let test = "a_full_disk_is_found_before_a_file_changes_in_place";
    let server = TestServer::open();
    let small = tempfile::tempdir().unwrap();
    if !succeeds(
        "mount",
        &["-t", "tmpfs", "-o", "size=1m", "none"],
        small.path(),
    ) {
        println!("SKIPPED: {test}: a small file system cannot be mounted here");
        return;
    }
    let _small = Mounted(small.path());
    let source = small.path().join("source");
    let old = noise(100_000, 1);
    fs::write(&source, &old).unwrap();
    server.write_file("x", "");
    let target = server.path("x");
    assert!(succeeds(
        "mount",
        &["--bind", source.to_str().unwrap()],
        &target
    ));
    let _target = Mounted(&target);
    let mut client = server.connect_binary();
    let stream = client.begin_upload("x", 3 << 20);
    let new = noise(3 << 20, 2);
    for (at, part) in new.chunks(256 << 10).enumerate() {
        client.send_piece(stream, at * (256 << 10), part);
    }
    assert_eq!(client.expect("error")["code"], "NO_SPACE");
    assert!(fs::read(&source).unwrap() == old);
    // What fits still does, and so the space was given back.
    let done = client.upload("x", &new[..900_000], 100_000);
    assert_eq!(done["atomic"], false);
    assert!(fs::read(&source).unwrap() == new[..900_000]);
}

#[test]
fn from_a_directory_that_is_append_only_nothing_has_to_be_removed() {
    let test = "from_a_directory_that_is_append_only_nothing_has_to_be_removed";
    let server = TestServer::open();
    fs::create_dir(server.path("log")).unwrap();
    server.write_file("log/x", "old");
    let log = server.path("log");
    if !succeeds("chattr", &["+a"], &log) {
        println!("SKIPPED: {test}: a directory cannot be made append-only here");
        return;
    }
    let mut client = server.connect();
    let done = client.write(&json!({"path": "log/x", "content": "new"}));
    let made = client.write(&json!({"path": "log/y", "content": "made"}));
    let names = fs::read_dir(&log).unwrap().count();
    assert!(succeeds("chattr", &["-a"], &log));
    assert_eq!(
        (&done["atomic"], &made["atomic"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        (server.read_file("log/x"), server.read_file("log/y")),
        (b"new".to_vec(), b"made".to_vec())
    );
    assert_eq!(names, 2);
}

/// A process that ends with the test.
#[cfg(target_os = "linux")]
struct Running(std::process::Child);

#[cfg(target_os = "linux")]
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_proc_is_written_though_nothing_can_be_made_beside_it() {
    let process = Running(Command::new("sleep").arg("600").spawn().unwrap());
    let root = format!("/proc/{}", process.0.id());
    let server = TestServer::at(Path::new(&root), Options::default());
    let mut client = server.connect_binary();
    let path = "oom_score_adj";
    let done = client.write(&json!({"path": path, "content": "200"}));
    assert_eq!(done["atomic"], false);
    assert_eq!(server.read_file(path), b"200\n");
    assert_eq!(client.upload(path, b"300", 1)["atomic"], false);
    assert_eq!(server.read_file(path), b"300\n");
    // Contents that the kernel does not take are no fault of the path.
    let write = json!({"path": path, "content": "much"});
    assert_eq!(client.refused("file:write", &write), "IO_ERROR");
    assert_eq!(server.read_file(path), b"300\n");
    // And a new file cannot be made.
    let write = json!({"path": "new", "content": "1"});
    assert_eq!(client.refused("file:write", &write), "NOT_FOUND");
}
