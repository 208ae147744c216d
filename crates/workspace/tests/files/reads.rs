//! `file:read`: every byte, in order, as text or binary, and no faster than they are taken.

use std::fs::{self, OpenOptions};
use std::io::Write;

use serde_json::json;
use tungstenite::Message;

use crate::support::{TestServer, noise, sha256, until};

#[test]
fn a_text_comes_as_text_and_anything_else_as_base64() {
    let server = TestServer::open();
    let text = "café — 🎉 ─│\n\u{0}\u{1}\"\\".repeat(20_000);
    server.write_file("text", &text);
    let mut client = server.connect();
    for id in [json!("mine"), json!(17), json!(null)] {
        let bytes = client.download(&json!({"path": "text", "id": id}));
        assert!(bytes == text.as_bytes());
    }
    server.write_file("bytes", noise(300_000, 1));
    let bytes = client.download(&json!({"path": "bytes", "id": 1}));
    assert!(bytes == server.read_file("bytes"));
    // One that begins in the middle of a character.
    let part = client.download(&json!({"path": "text", "offset": 4, "length": 10, "id": 2}));
    assert_eq!(part, &text.as_bytes()[4..14]);
}

#[test]
fn a_message_of_control_characters_stays_below_the_limit_of_a_message() {
    let server = TestServer::open();
    server.write_file("nothing", vec![0; 500_000]);
    let bytes = server.connect().download(&json!({"path": "nothing"}));
    assert!(bytes == vec![0; 500_000]);
}

#[test]
fn eight_megabytes_come_whole_in_binary_frames() {
    let server = TestServer::open();
    let bytes = noise((8 << 20) + 13, 2);
    server.write_file("large", &bytes);
    let mut client = server.connect_binary();
    assert!(client.download(&json!({"path": "large", "id": "a"})) == bytes);
    // By its absolute path too.
    let path = server.path("large");
    assert!(client.download(&json!({"path": path, "id": "a"})) == bytes);
}

#[test]
fn a_range_is_what_was_asked_for_as_far_as_there_is_any() {
    let server = TestServer::open();
    let bytes = noise(1000, 3);
    server.write_file("x", &bytes);
    server.write_file("empty", "");
    for mut client in [server.connect(), server.connect_binary()] {
        for (offset, length, expected) in [
            (0, 1000, 0..1000),
            (10, 20, 10..30),
            (990, 20, 990..1000),
            (1000, 5, 1000..1000),
            (0, 0, 0..0),
            (5, u64::MAX, 5..1000),
        ] {
            let range = json!({"path": "x", "offset": offset, "length": length, "id": 1});
            assert_eq!(client.download(&range), &bytes[expected]);
        }
        assert_eq!(client.download(&json!({"path": "empty"})), b"");
        let behind = json!({"path": "x", "offset": 1001});
        assert_eq!(client.refused("file:read", &behind), "OUT_OF_RANGE");
        assert!(client.answers_ping());
    }
}

#[test]
fn who_reads_slowly_holds_back_his_file_and_nothing_else() {
    let server = TestServer::open();
    let bytes = noise(64 << 20, 4);
    server.write_file("large", &bytes);
    server.write_file("small", "small");
    let mut slow = server.connect_binary();
    let ask = json!({"path": "large", "id": "slow"});
    slow.command("file:read", &ask);
    until("it has begun", || server.files.transfers() == 1);
    let mut quick = server.connect_binary();
    for _ in 0..20 {
        assert_eq!(quick.download(&json!({"path": "small"})), b"small");
    }
    // More than all buffers between here and there hold, so it cannot be through.
    until("only that is left", || server.files.transfers() == 1);
    assert!(slow.receive_file(&ask) == bytes);
    until("it is over", || server.files.transfers() == 0);
}

#[test]
fn a_reader_that_goes_away_leaves_nothing_open() {
    let server = TestServer::open();
    server.write_file("large", noise(64 << 20, 5));
    for _ in 0..5 {
        let mut client = server.connect_binary();
        client.command("file:read", &json!({"path": "large"}));
        client.expect("file:opened");
        assert!(client.next().is_binary());
        drop(client);
    }
    until("nothing is open", || server.files.transfers() == 0);
}

#[test]
fn a_file_that_shrinks_is_an_error_and_one_that_grows_is_what_it_was() {
    let server = TestServer::open();
    let bytes = noise(64 << 20, 6);
    for grows in [false, true] {
        server.write_file("large", &bytes);
        let mut client = server.connect_binary();
        let ask = json!({"path": "large", "id": 1});
        client.command("file:read", &ask);
        let opened = client.expect("file:opened");
        let mut file = OpenOptions::new();
        let mut file = file
            .write(true)
            .append(grows)
            .open(server.path("large"))
            .unwrap();
        if grows {
            file.write_all(b"more").unwrap();
            assert!(client.receive_opened(&ask, &opened) == bytes);
            continue;
        }
        file.set_len(1000).unwrap();
        let error = loop {
            match client.next() {
                Message::Binary(_) => {}
                Message::Text(text) => break text,
                other => panic!("{other:?}"),
            }
        };
        assert!(error.contains(r#""code":"FILE_CHANGED""#), "{error}");
        assert!(client.answers_ping());
    }
}

#[test]
fn the_application_reads_the_same_into_memory() {
    let server = TestServer::open();
    let bytes = noise(3 << 20, 7);
    server.write_file("x", &bytes);
    let read = |offset, length| server.block_on(server.files.read("x", offset, length));
    assert!(read(0, None).unwrap() == bytes);
    assert_eq!(read(5, Some(7)).unwrap(), &bytes[5..12]);
    let missing = server.block_on(server.files.read("y", 0, None));
    assert_eq!(missing.unwrap_err().code, "NOT_FOUND");
    let done = server
        .block_on(server.files.write("y", bytes.clone(), Some(0o600)))
        .unwrap();
    assert_eq!((done.size, done.sha256), (3 << 20, sha256(&bytes)));
    assert!(fs::read(server.path("y")).unwrap() == bytes);
}
