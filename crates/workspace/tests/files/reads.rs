//! `file:read`: every byte, in order, as text or binary, and no faster than they are taken.

use std::fs::{self, OpenOptions};
use std::io::Write;

use serde_json::json;
use tungstenite::Message;

use crate::house::{House, noise, sha256};

#[test]
fn a_text_comes_as_text_and_anything_else_as_base64() {
    let house = House::open();
    let text = "café — 🎉 ─│\n\u{0}\u{1}\"\\".repeat(20_000);
    house.put("text", &text);
    let mut client = house.visit();
    for id in [json!("mine"), json!(17), json!(null)] {
        let bytes = client.download(&json!({"path": "text", "id": id}));
        assert!(bytes == text.as_bytes());
    }
    house.put("bytes", noise(300_000, 1));
    let bytes = client.download(&json!({"path": "bytes", "id": 1}));
    assert!(bytes == house.get("bytes"));
    // One that begins in the middle of a character.
    let part = client.download(&json!({"path": "text", "offset": 4, "length": 10, "id": 2}));
    assert_eq!(part, &text.as_bytes()[4..14]);
}

#[test]
fn a_message_of_control_characters_stays_below_the_limit_of_a_message() {
    let house = House::open();
    house.put("nothing", vec![0; 500_000]);
    let bytes = house.visit().download(&json!({"path": "nothing"}));
    assert!(bytes == vec![0; 500_000]);
}

#[test]
fn eight_megabytes_come_whole_in_binary_frames() {
    let house = House::open();
    let bytes = noise((8 << 20) + 13, 2);
    house.put("large", &bytes);
    let mut client = house.visit_binary();
    assert!(client.download(&json!({"path": "large", "id": "a"})) == bytes);
    // By its absolute path too.
    let path = house.path("large");
    assert!(client.download(&json!({"path": path, "id": "a"})) == bytes);
}

#[test]
fn a_range_is_what_was_asked_for_as_far_as_there_is_any() {
    let house = House::open();
    let bytes = noise(1000, 3);
    house.put("x", &bytes);
    house.put("empty", "");
    for mut client in [house.visit(), house.visit_binary()] {
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
        assert!(client.is_at_ease());
    }
}

#[test]
fn who_reads_slowly_holds_back_his_file_and_nothing_else() {
    let house = House::open();
    let bytes = noise(64 << 20, 4);
    house.put("large", &bytes);
    house.put("small", "small");
    let mut slow = house.visit_binary();
    let ask = json!({"path": "large", "id": "slow"});
    slow.command("file:read", &ask);
    house.until("it has begun", |house| house.files.transfers() == 1);
    let mut quick = house.visit_binary();
    for _ in 0..20 {
        assert_eq!(quick.download(&json!({"path": "small"})), b"small");
    }
    // More than all buffers between here and there hold, so it cannot be through.
    house.until("only that is left", |house| house.files.transfers() == 1);
    assert!(slow.take(&ask) == bytes);
    house.until("it is over", |house| house.files.transfers() == 0);
}

#[test]
fn a_reader_that_goes_away_leaves_nothing_open() {
    let house = House::open();
    house.put("large", noise(64 << 20, 5));
    for _ in 0..5 {
        let mut client = house.visit_binary();
        client.command("file:read", &json!({"path": "large"}));
        client.hear("file:opened");
        assert!(client.next().is_binary());
        drop(client);
    }
    house.until("nothing is open", |house| house.files.transfers() == 0);
}

#[test]
fn a_file_that_shrinks_is_an_error_and_one_that_grows_is_what_it_was() {
    let house = House::open();
    let bytes = noise(64 << 20, 6);
    for grows in [false, true] {
        house.put("large", &bytes);
        let mut client = house.visit_binary();
        let ask = json!({"path": "large", "id": 1});
        client.command("file:read", &ask);
        let opened = client.hear("file:opened");
        let mut file = OpenOptions::new();
        let mut file = file
            .write(true)
            .append(grows)
            .open(house.path("large"))
            .unwrap();
        if grows {
            file.write_all(b"more").unwrap();
            assert!(client.take_opened(&ask, &opened) == bytes);
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
        assert!(client.is_at_ease());
    }
}

#[test]
fn the_application_reads_the_same_into_memory() {
    let house = House::open();
    let bytes = noise(3 << 20, 7);
    house.put("x", &bytes);
    let read = |offset, length| house.block_on(house.files.read("x", offset, length));
    assert!(read(0, None).unwrap() == bytes);
    assert_eq!(read(5, Some(7)).unwrap(), &bytes[5..12]);
    let missing = house.block_on(house.files.read("y", 0, None));
    assert_eq!(missing.unwrap_err().code, "NOT_FOUND");
    let done = house
        .block_on(house.files.write("y", bytes.clone(), Some(0o600)))
        .unwrap();
    assert_eq!((done.size, done.sha256), (3 << 20, sha256(&bytes)));
    assert!(fs::read(house.path("y")).unwrap() == bytes);
}
