//! What the system cannot look at is not taken for missing.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use loopwire_workspace::Options;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use crate::support::{TestServer, as_nobody, in_another_process, is_root, other_process};

/// More than one transfer needs.
const MOST_FREE: usize = 12;

#[test]
fn with_few_descriptors_or_none_a_transfer_happens_or_says_why_not() {
    let test = "looking::with_few_descriptors_or_none_a_transfer_happens_or_says_why_not";
    let Some((directory, _)) = other_process() else {
        // In a process of its own, because other tests need descriptors, too.
        let directory = tempfile::tempdir().unwrap();
        return in_another_process(test, directory.path(), "");
    };
    let server = TestServer::at(&directory, Options::default());
    fs::create_dir(server.path("dir")).unwrap();
    server.write_file("dir/x", "old");
    symlink(server.path("dir"), server.path("absolute")).unwrap();
    let mut client = server.connect();
    // The threads and whatever they open once are there.
    assert_eq!(client.download(&json!({"path": "dir/x"})), b"old");
    let limit = Rlimit {
        current: Some(256),
        maximum: getrlimit(Resource::Nofile).maximum,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
    let mut taken = Vec::new();
    let (mut refused, mut done) = (0, 0);
    for free in 0..MOST_FREE {
        while let Ok(file) = File::open("/dev/null") {
            taken.push(file);
        }
        taken.truncate(taken.len() - free);
        for path in ["dir/x", "absolute/x", "dir/new"] {
            let new = format!("new {free}");
            client.command("file:write", &json!({"path": path, "content": new}));
            let answer = client.receive();
            if answer["type"] == "file:done" {
                done += 1;
                assert_eq!(answer["data"].get("atomic"), None);
            } else {
                refused += 1;
                assert_eq!(
                    answer["data"]["code"], "TOO_MANY_OPEN_FILES",
                    "{free} {path} {answer}"
                );
            }
            client.command("file:read", &json!({"path": path}));
            let answer = client.receive();
            if answer["type"] == "file:opened" {
                client.expect("file:content");
                client.expect("file:done");
            } else if free > 1 || path != "dir/new" {
                let code = answer["data"]["code"].as_str().unwrap();
                let missing = path == "dir/new" && code == "NOT_FOUND";
                assert!(
                    missing || code == "TOO_MANY_OPEN_FILES",
                    "{free} {path} {answer}"
                );
            }
        }
        taken.truncate(taken.len() / 2);
        let whole = |bytes: &[u8]| bytes == b"old" || bytes.starts_with(b"new ");
        assert!(whole(&server.read_file("dir/x")), "{free}");
        assert!(
            fs::read_dir(server.path("dir")).unwrap().count() <= 2,
            "{free}: a temporary file"
        );
    }
    taken.clear();
    assert!(refused > 0 && done > 0, "{refused} {done}");
    client.write(&json!({"path": "dir/x", "content": "last"}));
    assert_eq!(server.read_file("dir/x"), b"last");
}

#[test]
fn a_root_that_may_not_be_looked_at_is_not_gone() {
    let test = "looking::a_root_that_may_not_be_looked_at_is_not_gone";
    let directory = tempfile::tempdir().unwrap();
    let above = match other_process() {
        Some((above, _)) => above,
        // Root may look everywhere.
        None if is_root() => {
            let set = |mode| fs::set_permissions(directory.path(), Permissions::from_mode(mode));
            set(0o777).unwrap();
            as_nobody(test, directory.path(), "");
            return;
        }
        None => directory.path().to_owned(),
    };
    let above = above.join("above");
    fs::create_dir_all(above.join("root")).unwrap();
    let server = TestServer::at(&above.join("root"), Options::default());
    server.write_file("x", "x");
    let mut client = server.connect();
    let read = json!({"path": "x"});
    fs::set_permissions(&above, Permissions::from_mode(0o600)).unwrap();
    let (file, directory) = (
        client.refused("file:read", &read),
        client.refused(
            "terminal:execute",
            &json!({"command": "true", "cwd": ".", "id": 1}),
        ),
    );
    fs::set_permissions(&above, Permissions::from_mode(0o700)).unwrap();
    assert_eq!(
        (file.as_str(), directory.as_str()),
        ("NOT_PERMITTED", "NOT_PERMITTED")
    );
    assert_eq!(client.download(&read), b"x");
    fs::rename(above.join("root"), above.join("moved")).unwrap();
    assert_eq!(client.refused("file:read", &read), "ROOT_GONE");
}
