//! `file:write`: the contents whole, in their place, with the permissions they are to have.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use crate::house::{House, noise, sha256};

#[test]
fn contents_come_with_the_command_in_both_encodings() {
    let house = House::open();
    let mut client = house.visit();
    let done = client.write(&json!({"path": "a", "content": "café 🎉", "id": "w"}));
    let sha256 = sha256("café 🎉".as_bytes());
    assert_eq!(
        done,
        json!({"path": "a", "size": 10, "sha256": sha256, "id": "w"})
    );
    assert_eq!(house.get("a"), "café 🎉".as_bytes());
    let done =
        client.write(&json!({"path": "b", "content": "AAH/", "encoding": "base64", "size": 3}));
    assert_eq!(done["size"], 3);
    assert_eq!(house.get("b"), [0, 1, 255]);
    client.write(&json!({"path": "a", "content": ""}));
    assert_eq!(house.get("a"), b"");
    assert_eq!(house.names(), ["a", "b"]);
}

#[test]
fn eight_megabytes_are_taken_in_binary_frames() {
    let house = House::open();
    let bytes = noise((8 << 20) + 13, 1);
    let mut client = house.visit_binary();
    for length in [256 << 10, 100_003] {
        let done = client.upload("large", &bytes, length);
        assert_eq!(done["size"], bytes.len());
        assert_eq!(done["sha256"], sha256(&bytes));
        assert!(house.get("large") == bytes);
    }
    let small = &bytes[..2000];
    client.upload("small", small, 1);
    assert_eq!(house.get("small"), small);
    let done = client.upload("empty", b"", 1);
    assert_eq!(done["sha256"], sha256(b""));
    assert_eq!(house.names(), ["empty", "large", "small"]);
    house.until("all is over", |house| house.files.transfers() == 0);
}

#[test]
fn two_files_that_are_sent_at_a_time_do_not_mix() {
    let house = House::open();
    let mut client = house.visit_binary();
    let (a, b) = (noise(500_000, 1), noise(500_000, 2));
    let streams = [client.begin("a", a.len()), client.begin("b", b.len())];
    for at in (0..500_000).step_by(50_000) {
        for (stream, bytes) in streams.iter().zip([&a, &b]) {
            client.send(*stream, at, &bytes[at..at + 50_000]);
        }
    }
    client.hear("file:done");
    client.hear("file:done");
    assert!(house.get("a") == a && house.get("b") == b);
}

#[test]
fn a_file_keeps_its_permissions_and_gets_those_that_are_asked_for() {
    let house = House::open();
    let mut client = house.visit();
    let mode = |name: &str| fs::metadata(house.path(name)).unwrap().mode() & 0o7777;
    client.write(&json!({"path": "new", "content": "x"}));
    assert_eq!(mode("new") & !0o644, 0);
    for (asked, expected) in [
        (json!(0o755), 0o755),
        (json!("600"), 0o600),
        (json!("0777"), 0o777),
        (json!(0), 0),
    ] {
        fs::remove_file(house.path("new")).unwrap();
        client.write(&json!({"path": "new", "content": "x", "mode": asked}));
        assert_eq!(mode("new"), expected, "{asked}");
    }
    fs::set_permissions(house.path("new"), fs::Permissions::from_mode(0o4751)).unwrap();
    client.write(&json!({"path": "new", "content": "y"}));
    // A program that runs as its owner is not replaced by one that does.
    assert_eq!(mode("new"), 0o751);
}

#[test]
fn a_link_stays_one_and_what_it_points_to_is_written() {
    let house = House::open();
    fs::create_dir(house.path("dir")).unwrap();
    house.put("dir/x", "old");
    symlink("dir/x", house.path("link")).unwrap();
    symlink(house.path("dir/y"), house.path("absolute")).unwrap();
    let mut client = house.visit();
    client.write(&json!({"path": "link", "content": "new"}));
    client.write(&json!({"path": "absolute", "content": "made"}));
    assert_eq!(house.get("dir/x"), b"new");
    assert_eq!(house.get("dir/y"), b"made");
    assert!(house.path("link").is_symlink() && house.path("absolute").is_symlink());
    assert_eq!(client.download(&json!({"path": "absolute"})), b"made");
}

#[test]
fn missing_directories_are_made_where_that_is_asked_for() {
    let house = House::open();
    let mut client = house.visit();
    let write = json!({"path": "a/b/c", "content": "x"});
    assert_eq!(client.refused("file:write", &write), "NOT_FOUND");
    client.write(&json!({"path": "a/b/c", "content": "x", "parents": true}));
    client.write(&json!({"path": "top", "content": "x", "parents": true}));
    assert_eq!(house.get("a/b/c"), b"x");
    symlink(house.path("a"), house.path("link")).unwrap();
    client.write(&json!({"path": "link/d/e/f", "content": "y", "parents": true}));
    assert_eq!(house.get("a/d/e/f"), b"y");
    let out = json!({"path": "../made/c", "content": "x", "parents": true});
    assert_eq!(client.refused("file:write", &out), "PATH_OUTSIDE");
    assert!(!house.path("../made").exists());
}

#[test]
fn of_many_that_write_one_file_at_a_time_one_wins_whole() {
    let house = House::open();
    let contents: Vec<_> = (0..4).map(|seed| noise(200_000, seed + 1)).collect();
    house.put("x", &contents[0]);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = contents
            .iter()
            .map(|bytes| {
                let mut client = house.visit_binary();
                scope.spawn(move || (0..20).for_each(|_| drop(client.upload("x", bytes, 50_000))))
            })
            .collect();
        let mut client = house.visit_binary();
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
    assert!(contents.contains(&house.get("x")));
    assert_eq!(house.names(), ["x"]);
}
