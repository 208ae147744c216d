//! A part of ours that panics: its terminal ends, and everything else goes on. Alone, because the fault hits
//! whichever terminal passes first.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "shared with the other tests")]
#[path = "terminal/house.rs"]
mod house;

use serde_json::json;

use house::{House, lives, until};

#[test]
fn a_panic_ends_the_terminal_and_is_told_and_nothing_else_ends() {
    let house = House::open();
    let mut client = house.visit();
    client.execute(&json!({"command": "cat", "id": "other"}));
    client.expect("terminal:started");
    // Past the places where it waits for its first change.
    client.say("terminal:input", &json!({"id": "other", "input": "a\n"}));
    client.hear_until("a\n");
    client.execute(
        &json!({"command": "trap '' TERM; echo go; while :; do sleep 0.1; done", "id": 1}),
    );
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
    until("its command is gone", || !lives(pid));
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
