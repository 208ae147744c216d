//! `file:write`: the contents whole, in their place, with the permissions they are to have.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use crate::support::{TestServer, noise, sha256, until};

#[test]
fn contents_come_with_the_command_in_both_encodings() {
    let server = TestServer::open();
    let mut client = server.connect();
    let done = client.write(&json!({"path": "a", "content": "café 🎉", "id": "w"}));
    let sha256 = sha256("café 🎉".as_bytes());
    assert_eq!(
        done,
        json!({"path": "a", "size": 10, "sha256": sha256, "id": "w"})
    );
    assert_eq!(server.read_file("a"), "café 🎉".as_bytes());
    let done =
        client.write(&json!({"path": "b", "content": "AAH/", "encoding": "base64", "size": 3}));
    assert_eq!(done["size"], 3);
    assert_eq!(server.read_file("b"), [0, 1, 255]);
    client.write(&json!({"path": "a", "content": ""}));
    assert_eq!(server.read_file("a"), b"");
    assert_eq!(server.names(), ["a", "b"]);
}

#[test]
fn eight_megabytes_are_taken_in_binary_frames() {
    let server = TestServer::open();
    let bytes = noise((8 << 20) + 13, 1);
    let mut client = server.connect_binary();
    for length in [256 << 10, 100_003] {
        let done = client.upload("large", &bytes, length);
        assert_eq!(done["size"], bytes.len());
        assert_eq!(done["sha256"], sha256(&bytes));
        assert!(server.read_file("large") == bytes);
    }
    let small = &bytes[..2000];
    client.upload("small", small, 1);
    assert_eq!(server.read_file("small"), small);
    let done = client.upload("empty", b"", 1);
    assert_eq!(done["sha256"], sha256(b""));
    assert_eq!(server.names(), ["empty", "large", "small"]);
    until("all is over", || server.files.transfers() == 0);
}

#[test]
fn two_files_that_are_sent_at_a_time_do_not_mix() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let (a, b) = (noise(500_000, 1), noise(500_000, 2));
    let streams = [
        client.begin_upload("a", a.len()),
        client.begin_upload("b", b.len()),
    ];
    for at in (0..500_000).step_by(50_000) {
        for (stream, bytes) in streams.iter().zip([&a, &b]) {
            client.send_piece(*stream, at, &bytes[at..at + 50_000]);
        }
    }
    client.expect("file:done");
    client.expect("file:done");
    assert!(server.read_file("a") == a && server.read_file("b") == b);
}

#[test]
fn a_file_keeps_its_permissions_and_gets_those_that_are_asked_for() {
    let server = TestServer::open();
    let mut client = server.connect();
    let mode = |name: &str| fs::metadata(server.path(name)).unwrap().mode() & 0o7777;
    client.write(&json!({"path": "new", "content": "x"}));
    assert_eq!(mode("new") & !0o644, 0);
    for (asked, expected) in [
        (json!(0o755), 0o755),
        (json!("600"), 0o600),
        (json!("0777"), 0o777),
        (json!(0), 0),
    ] {
        fs::remove_file(server.path("new")).unwrap();
        client.write(&json!({"path": "new", "content": "x", "mode": asked}));
        assert_eq!(mode("new"), expected, "{asked}");
    }
    fs::set_permissions(server.path("new"), fs::Permissions::from_mode(0o4751)).unwrap();
    client.write(&json!({"path": "new", "content": "y"}));
    // A program that runs as its owner is not replaced by one that does.
    assert_eq!(mode("new"), 0o751);
}

#[test]
fn a_link_stays_one_and_what_it_points_to_is_written() {
    let server = TestServer::open();
    fs::create_dir(server.path("dir")).unwrap();
    server.write_file("dir/x", "old");
    symlink("dir/x", server.path("link")).unwrap();
    symlink(server.path("dir/y"), server.path("absolute")).unwrap();
    let mut client = server.connect();
    client.write(&json!({"path": "link", "content": "new"}));
    client.write(&json!({"path": "absolute", "content": "made"}));
    assert_eq!(server.read_file("dir/x"), b"new");
    assert_eq!(server.read_file("dir/y"), b"made");
    assert!(server.path("link").is_symlink() && server.path("absolute").is_symlink());
    assert_eq!(client.download(&json!({"path": "absolute"})), b"made");
}

#[test]
fn missing_directories_are_made_where_that_is_asked_for() {
    let server = TestServer::open();
    let mut client = server.connect();
    let write = json!({"path": "a/b/c", "content": "x"});
    assert_eq!(client.refused("file:write", &write), "NOT_FOUND");
    client.write(&json!({"path": "a/b/c", "content": "x", "parents": true}));
    client.write(&json!({"path": "top", "content": "x", "parents": true}));
    assert_eq!(server.read_file("a/b/c"), b"x");
    symlink(server.path("a"), server.path("link")).unwrap();
    client.write(&json!({"path": "link/d/e/f", "content": "y", "parents": true}));
    assert_eq!(server.read_file("a/d/e/f"), b"y");
    client.write(&json!({"path": "first/../second/x", "content": "z", "parents": true}));
    assert_eq!(server.read_file("second/x"), b"z");
    let out = json!({"path": "../made/c", "content": "x", "parents": true});
    assert_eq!(client.refused("file:write", &out), "PATH_OUTSIDE");
    assert!(!server.path("../made").exists());
}

#[test]
fn of_many_that_write_one_file_at_a_time_one_wins_whole() {
    let server = TestServer::open();
    let contents: Vec<_> = (0..4).map(|seed| noise(200_000, seed + 1)).collect();
    server.write_file("x", &contents[0]);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = contents
            .iter()
            .map(|bytes| {
                let mut client = server.connect_binary();
                scope.spawn(move || (0..20).for_each(|_| drop(client.upload("x", bytes, 50_000))))
            })
            .collect();
        let mut client = server.connect_binary();
        let (stop, contents) = (&stop, &contents);
        let reader = scope.spawn(move || {
            let mut read = 0;
            while !stop.load(Ordering::Relaxed) || read < 5 {
                let bytes = client.download(&json!({"path": "x"}));
                assert!(contents.contains(&bytes), "a mix");
                read += 1;
            }
        });
        let ends: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        stop.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(Result::is_ok));
        reader.join().unwrap();
    });
    assert!(contents.contains(&server.read_file("x")));
    assert_eq!(server.names(), ["x"]);
}
