//! A part of ours that panics: its terminal ends, and everything else goes on. Alone, because the fault hits
//! whichever terminal passes first.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use serde_json::json;

use support::{TestServer, members};

#[test]
fn a_panic_ends_the_terminal_and_is_told_and_nothing_else_ends() {
    let _ordered = loopwire_testing::ordered("injected into terminal");
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "cat", "id": "other"}));
    client.expect("terminal:started");
    // Past the places where it waits for its first change.
    client.command("terminal:input", &json!({"id": "other", "input": "a\n"}));
    client.receive_until("a\n");
    // So many that killing them takes a moment.
    let command = "for i in $(seq 100); do sleep 1000 & done; trap '' TERM; echo go; wait; wait";
    client.execute(&json!({"command": command, "id": 1}));
    let pid = client.expect("terminal:started")["pid"].as_u64().unwrap();
    client.receive_until("go\n");
    loopwire_channel::fault::injection::arm("terminal");
    // What it hears of a newcomer has it look again.
    let mut viewer = server.connect();
    viewer.command("terminal:attach", &json!({"id": 1}));
    let exit = client.receive_to_exit().exit;
    assert_eq!(
        (&exit["id"], &exit["reason"]),
        (&json!(1), &json!("failed"))
    );
    assert_eq!(
        members(&[pid]),
        [0_u64; 0],
        "they are gone before that is told"
    );
    let events = server.events();
    let told = |what: &str| events.iter().any(|event| event.contains(what));
    assert!(told(r#""type":"fault""#) && told(r#""component":"terminal""#));
    client.command("terminal:eof", &json!({"id": "other"}));
    assert_eq!(client.receive_to_exit().exit["exitCode"], 0);
    assert_eq!(client.run("echo fine").text, "fine\n");
}
