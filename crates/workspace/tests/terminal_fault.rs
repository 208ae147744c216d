//! A part of ours that panics: its terminal ends, and everything else goes on. Alone, because the fault hits
//! whichever terminal passes first.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "shared with the other tests")]
#[path = "terminal/house.rs"]
mod house;

use serde_json::json;

use house::{House, members};

#[test]
fn a_panic_ends_the_terminal_and_is_told_and_nothing_else_ends() {
    let house = House::open();
    let mut client = house.visit();
    client.execute(&json!({"command": "cat", "id": "other"}));
    client.expect("terminal:started");
    // Past the places where it waits for its first change.
    client.say("terminal:input", &json!({"id": "other", "input": "a\n"}));
    client.hear_until("a\n");
    // So many that killing them takes a moment.
    let command = "for i in $(seq 100); do sleep 1000 & done; trap '' TERM; echo go; wait; wait";
    client.execute(&json!({"command": command, "id": 1}));
    let pid = client.expect("terminal:started")["pid"].as_u64().unwrap();
    client.hear_until("go\n");
    loopwire_channel::fault::injection::arm("terminal");
    // What it hears of a newcomer has it look again.
    let mut viewer = house.visit();
    viewer.say("terminal:attach", &json!({"id": 1}));
    let exit = client.hear_out().exit;
    assert_eq!(
        (&exit["id"], &exit["reason"]),
        (&json!(1), &json!("failed"))
    );
    assert_eq!(
        members(&[pid]),
        [0_u64; 0],
        "they are gone before that is told"
    );
    let loopwire_channel::Read::Events(segment) = house.journal.read(1) else {
        panic!("no events");
    };
    let told = |what: &str| {
        let mut records = segment.records(1);
        records.any(|record| String::from_utf8_lossy(record.json).contains(what))
    };
    assert!(told(r#""type":"fault""#) && told(r#""component":"terminal""#));
    client.say("terminal:eof", &json!({"id": "other"}));
    assert_eq!(client.hear_out().exit["exitCode"], 0);
    assert_eq!(client.run("echo fine").text, "fine\n");
}
