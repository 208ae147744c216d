//! What a file has when it was written: what it had before, and nobody has more rights than then.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use loopwire_workspace::Options;
use serde_json::json;

use crate::support::{TestServer, in_another_process, is_root, other_process, succeeds};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The access control list, as `getfacl` shows it.
fn list(path: &Path) -> String {
    let shown = Command::new("getfacl")
        .args(["-c", "-n", "-p"])
        .arg(path)
        .output();
    String::from_utf8(shown.unwrap().stdout).unwrap()
}

/// Whether access control lists can be tested; if not, why.
fn lists_are_missing(server: &TestServer) -> Option<&'static str> {
    server.write_file("probe", "");
    let probe = server.path("probe");
    let set = succeeds("setfacl", &["-m", "u:1234:r"], &probe);
    fs::remove_file(probe).unwrap();
    match (set, Command::new("setfacl").arg("--version").output()) {
        (true, _) => None,
        (false, Ok(_)) => Some("the file system has no access control lists"),
        (false, Err(_)) => Some("setfacl is not installed (package acl)"),
    }
}

#[test]
fn an_access_control_list_stays_and_the_group_gains_nothing() {
    let server = TestServer::open();
    if let Some(why) = lists_are_missing(&server) {
        println!("SKIPPED: an_access_control_list_stays_and_the_group_gains_nothing: {why}");
        return;
    }
    let mut client = server.connect();
    let file = server.path("f");
    server.write_file("f", "old");
    set_mode(&file, 0o640);
    assert!(succeeds("setfacl", &["-m", "u:1234:rw"], &file));
    let before = list(&file);
    assert!(
        before.contains("user:1234:rw-") && before.contains("group::r--"),
        "{before}"
    );
    client.write(&json!({"path": "f", "content": "new"}));
    assert_eq!(list(&file), before);
    assert_eq!(server.read_file("f"), b"new");
    // A mode that is asked for changes it as chmod does.
    client.write(&json!({"path": "f", "content": "newer", "mode": "600"}));
    let asked = list(&file);
    set_mode(&file, 0o644);
    assert!(succeeds("setfacl", &["-m", "m::rw"], &file));
    set_mode(&file, 0o600);
    assert_eq!(list(&file), asked);
    assert!(asked.contains("user:1234:rw-") && asked.contains("mask::---"));
}

#[test]
fn a_file_without_a_list_gets_none_from_its_directory() {
    let server = TestServer::open();
    if let Some(why) = lists_are_missing(&server) {
        println!("SKIPPED: a_file_without_a_list_gets_none_from_its_directory: {why}");
        return;
    }
    server.write_file("f", "old");
    set_mode(&server.path("f"), 0o660);
    let before = list(&server.path("f"));
    let entries = "d:u:1234:rwx,d:g:5678:rwx,d:g::rwx,d:o::---";
    assert!(succeeds("setfacl", &["-m", entries], server.root()));
    let mut client = server.connect();
    client.write(&json!({"path": "f", "content": "new"}));
    assert_eq!(list(&server.path("f")), before);
    // A new one has what every other program's new file has there.
    fs::File::create(server.path("theirs")).unwrap();
    client.write(&json!({"path": "ours", "content": "new"}));
    let ours = list(&server.path("ours"));
    assert_eq!(ours, list(&server.path("theirs")));
    assert!(
        ours.contains("mask::rw-") && ours.contains("other::---"),
        "{ours}"
    );
    // With a mode the list holds as well, as far as the mode goes.
    client.write(&json!({"path": "private", "content": "new", "mode": 0o600}));
    let private = list(&server.path("private"));
    assert!(
        private.contains("user:1234:rwx") && private.contains("mask::---"),
        "{private}"
    );
}

#[test]
fn a_new_file_has_what_the_umask_leaves() {
    let test = "keeping::a_new_file_has_what_the_umask_leaves";
    if let Some((directory, part)) = other_process() {
        let umask = u32::from_str_radix(&part, 8).unwrap();
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(umask));
        let server = TestServer::at(&directory, Options::default());
        server
            .connect()
            .write(&json!({"path": part, "content": "x"}));
        let stream = server
            .connect_binary()
            .upload("large", &[7; 100_000], 50_000);
        assert_eq!(stream["size"], 100_000);
        let inside = json!({"path": "made/x", "content": "x", "parents": true});
        // Who has no right to the directory that he makes cannot go on in it.
        if is_root() || umask & 0o300 == 0 {
            server.connect().write(&inside);
            assert_eq!(mode(&server.path("made")), 0o777 & !umask);
            fs::remove_dir_all(server.path("made")).unwrap();
        }
        for name in [&part, "large"] {
            assert_eq!(mode(&server.path(name)), 0o666 & !umask, "{name}");
            fs::remove_file(server.path(name)).unwrap();
        }
        // One that is there keeps its mode, whatever the umask is.
        server.write_file("old", "old");
        set_mode(&server.path("old"), 0o666);
        server
            .connect()
            .write(&json!({"path": "old", "content": "x"}));
        assert_eq!(mode(&server.path("old")), 0o666);
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for umask in ["000", "002", "022", "027", "077", "007"] {
        in_another_process(test, directory.path(), umask);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn extended_attributes_stay_but_those_of_the_old_contents() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let server = TestServer::open();
    let file = server.path("x");
    server.write_file("x", "old");
    let set = |name: &str, value: &[u8]| setxattr(&file, name, value, XattrFlags::empty()).is_ok();
    if !set("user.origin", b"https://example.org/") {
        println!(
            "SKIPPED: extended_attributes_stay_but_those_of_the_old_contents: the file system has none"
        );
        return;
    }
    assert!(set("user.empty", b"") && set("user.large", &[7; 2000]));
    let trusted = set("trusted.loopwire", b"root's");
    // CAP_NET_RAW, as `setcap` writes it.
    let capability = [
        1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    set("security.capability", &capability);
    let done = server
        .connect()
        .write(&json!({"path": "x", "content": "new"}));
    assert_eq!(done.get("atomic"), None);
    assert_eq!(server.read_file("x"), b"new");
    let get = |name: &str| {
        let mut value = vec![0; 4000];
        let length = getxattr(&file, name, &mut value[..]).ok()?;
        value.truncate(length);
        Some(value)
    };
    assert_eq!(get("user.origin").unwrap(), b"https://example.org/");
    assert_eq!(get("user.empty").unwrap(), b"");
    assert_eq!(get("user.large").unwrap(), [7; 2000]);
    assert_eq!(get("trusted.loopwire").is_some(), trusted);
    assert_eq!(get("security.capability"), None);
}

#[test]
fn root_leaves_a_file_to_its_owner() {
    if !is_root() {
        println!("SKIPPED: root_leaves_a_file_to_its_owner: only root can give files away");
        return;
    }
    let server = TestServer::open();
    let mut client = server.connect_binary();
    for bits in [0o640, 0o400, 0o1606, 0o000] {
        server.write_file("x", "old");
        chown(server.path("x"), Some(1234), Some(5678)).unwrap();
        set_mode(&server.path("x"), bits);
        let done = client.upload("x", b"new", 2);
        assert_eq!(done.get("atomic"), None);
        let found = fs::metadata(server.path("x")).unwrap();
        assert_eq!((found.uid(), found.gid()), (1234, 5678));
        assert_eq!(mode(&server.path("x")), bits);
        assert_eq!(server.read_file("x"), b"new");
        fs::remove_file(server.path("x")).unwrap();
    }
}

#[test]
fn a_file_that_is_removed_while_it_is_written_comes_back_as_it_was() {
    let server = TestServer::open();
    server.write_file("x", "old");
    set_mode(&server.path("x"), 0o604);
    let mut client = server.connect_binary();
    let stream = client.begin_upload("x", 3);
    fs::remove_file(server.path("x")).unwrap();
    client.send_piece(stream, 0, b"new");
    client.expect("file:done");
    assert_eq!(mode(&server.path("x")), 0o604);
    // And one that is made meanwhile is replaced, with what it has.
    let stream = client.begin_upload("y", 3);
    server.write_file("y", "theirs");
    set_mode(&server.path("y"), 0o600);
    client.send_piece(stream, 0, b"new");
    client.expect("file:done");
    assert_eq!(mode(&server.path("y")), 0o600);
    assert_eq!(server.read_file("y"), b"new");
    assert_eq!(server.names(), ["x", "y"]);
}

#[test]
fn a_hard_link_is_split_and_the_other_name_keeps_the_old_contents() {
    let server = TestServer::open();
    server.write_file("x", "old");
    fs::hard_link(server.path("x"), server.path("other")).unwrap();
    let done = server
        .connect()
        .write(&json!({"path": "x", "content": "new"}));
    assert_eq!(done.get("atomic"), None);
    assert_eq!(
        (server.read_file("x"), server.read_file("other")),
        (b"new".to_vec(), b"old".to_vec())
    );
}
