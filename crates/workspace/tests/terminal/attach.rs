//! Attaching: from any offset, late, again, too late.

use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::Message;

use crate::support::{Client, TestServer, until};

/// The output that a client gets after `terminal:attach`, up to its `terminal:replayed`.
fn replay(client: &mut Client) -> (String, Value) {
    let mut text = String::new();
    loop {
        let mut value = client.receive();
        let data = value["data"].take();
        if value["type"] == "terminal:replayed" {
            return (text, data);
        }
        assert_eq!(value["type"], "terminal:output");
        text.push_str(data["output"].as_str().unwrap());
    }
}

#[test]
fn every_offset_gives_the_rest_and_none_of_it_twice() {
    let server = TestServer::open();
    let mut runner = server.connect();
    let text = "café — 🎉 ─│\x1b[1mbold\n";
    runner.execute(&json!({"command": "cat", "id": "c"}));
    let started = runner.expect("terminal:started");
    runner.command("terminal:input", &json!({"id": "c", "input": text}));
    runner.receive_until("bold\n");
    for offset in 0..=text.len() {
        let mut client = server.connect();
        client.command("terminal:attach", &json!({"id": "c", "offset": offset}));
        let (heard, replayed) = replay(&mut client);
        // A character that has begun is said from its beginning.
        let start = (0..=offset)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap();
        assert_eq!(heard, text[start..], "{offset}");
        let expected = json!({"from": start, "to": text.len(), "truncated": false, "id": "c"});
        assert_eq!(replayed, expected);
        let mut binary = server.connect_binary();
        binary.command("terminal:attach", &json!({"id": "c", "offset": offset}));
        let mut bytes = Vec::new();
        let replayed = loop {
            match binary.next() {
                Message::Binary(frame) => bytes.extend_from_slice(&frame[12..]),
                Message::Text(text) => break serde_json::from_str::<Value>(&text).unwrap(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(bytes, &text.as_bytes()[offset..]);
        assert_eq!(replayed["data"]["from"], offset);
        // It can type now, although it has not started the command.
        assert_eq!(replayed["data"]["streams"], started["streams"]);
    }
    // Without an offset, and from one that is still to come.
    for (offset, from) in [(json!(null), 0), (json!(1_000_000), text.len())] {
        let mut client = server.connect();
        client.command("terminal:attach", &json!({"id": "c", "offset": offset}));
        let (heard, replayed) = replay(&mut client);
        assert_eq!(
            (heard.as_str(), &replayed["from"]),
            (&text[from..], &json!(from))
        );
    }
}

#[test]
fn a_viewer_that_is_cut_off_again_and_again_sees_what_one_sees_that_never_was() {
    let server = TestServer::open();
    let mut runner = server.connect();
    let line = "é─🎉 \x1b[38;5;12mx\x1b[0m";
    let command =
        format!("i=0; while [ $i -lt 400 ]; do echo \"$i {line}\"; i=$((i+1)); done; read _");
    runner.execute(&json!({"command": command, "id": 1}));
    runner.expect("terminal:started");
    let expected: String = (0..400).map(|at| format!("{at} {line}\n")).collect();
    let (mut text, mut next, mut client) = (String::new(), 0, server.connect());
    client.command("terminal:attach", &json!({"id": 1, "offset": 0}));
    let mut heard = 0;
    while text.len() < expected.len() {
        let mut value = client.receive();
        let data = value["data"].take();
        if value["type"] == "terminal:output" {
            text.push_str(data["output"].as_str().unwrap());
            next = data["end"].as_u64().unwrap();
        }
        heard += 1;
        if heard % 3 == 0 {
            client.disconnect();
            client = server.connect();
            client.command("terminal:attach", &json!({"id": 1, "offset": next}));
        }
    }
    assert!(text == expected);
    runner.command("terminal:input", &json!({"id": 1, "input": "\n"}));
    assert_eq!(runner.receive_to_exit().text.len(), expected.len());
}

#[test]
fn what_the_ring_has_overwritten_begins_at_a_line() {
    let options = loopwire_workspace::Options {
        scrollback_bytes: 64 << 10,
        ..Default::default()
    };
    let server = TestServer::with(options);
    let mut runner = server.connect();
    let command =
        "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo end; read _";
    runner.execute(&json!({"command": command, "id": 1}));
    runner.expect("terminal:started");
    runner.receive_until("end\n");
    for offset in [json!(5), json!(null)] {
        let mut client = server.connect();
        client.command("terminal:attach", &json!({"id": 1, "offset": offset}));
        let (text, replayed) = replay(&mut client);
        assert!(text.starts_with("line ") && text.ends_with("end\n"));
        assert_eq!(replayed["truncated"], true);
        let held = replayed["to"].as_u64().unwrap() - replayed["from"].as_u64().unwrap();
        assert_eq!(held, text.len() as u64);
        assert!(held > 32 << 10, "{held}");
    }
}

#[test]
fn attaching_again_takes_the_place_of_the_first_and_detaching_ends_it() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "echo one; cat", "id": 1}));
    client.expect("terminal:started");
    client.receive_until("one\n");
    client.command("terminal:attach", &json!({"id": 1, "offset": 0}));
    assert_eq!(replay(&mut client).0, "one\n");
    client.command("terminal:input", &json!({"id": 1, "input": "two\n"}));
    assert_eq!(client.receive_until("two\n"), "two\n");
    assert!(client.answers_ping(), "each byte came once");
    client.command("terminal:list", &json!({}));
    let listed = client.expect("terminal:listed");
    let row = &listed["terminals"][0];
    assert_eq!(
        (&row["attached"], &row["from"], &row["to"]),
        (&json!(1), &json!(0), &json!(8))
    );
    assert_eq!(
        (&row["running"], &row["command"]),
        (&json!(true), &json!("echo one; cat"))
    );
    client.command("terminal:detach", &json!({"id": 1}));
    client.command("terminal:input", &json!({"id": 1, "input": "three\n"}));
    client.command("terminal:eof", &json!({"id": 1}));
    until("it ends", || server.terminals.running() == 0);
    assert!(client.answers_ping(), "nothing more is heard");
    client.command("terminal:attach", &json!({"id": 1, "offset": 8}));
    assert_eq!(replay(&mut client).0, "three\n");
    assert_eq!(client.expect("terminal:exit")["exitCode"], 0);
    assert!(client.answers_ping());
}

#[test]
fn what_has_ended_is_kept_for_a_while_with_its_id_and_is_gone_then() {
    let options = loopwire_workspace::Options {
        detach: Some(Duration::from_secs(2)),
        ..Default::default()
    };
    let server = TestServer::with(options);
    let mut client = server.connect();
    client.execute(&json!({"command": "echo kept; exit 9", "id": "k"}));
    client.expect("terminal:started");
    client.receive_to_exit();
    client.execute(&json!({"command": "true", "id": "k"}));
    assert_eq!(client.expect("error")["code"], "ID_IN_USE");
    let mut other = server.connect();
    other.command("terminal:attach", &json!({"id": "k"}));
    assert_eq!(replay(&mut other).0, "kept\n");
    assert_eq!(other.expect("terminal:exit")["exitCode"], 9);
    until("it is gone", || {
        other.command("terminal:attach", &json!({"id": "k"}));
        let mut code = other.receive();
        while code["type"] != "error" && code["type"] != "terminal:exit" {
            code = other.receive();
        }
        code["data"]["code"] == "GONE"
    });
    for kind in [
        "input", "eof", "resize", "signal", "detach", "ack", "attach",
    ] {
        let data =
            json!({"id": "never", "input": "", "cols": 1, "rows": 1, "signal": "INT", "offset": 0});
        client.command(&format!("terminal:{kind}"), &data);
        assert_eq!(client.expect("error")["code"], "GONE", "{kind}");
    }
    client.execute(&json!({"command": "true", "id": "k"}));
    client.expect("terminal:started");
    client.expect("terminal:exit");
}

#[test]
fn only_so_many_that_have_ended_are_kept() {
    let server = TestServer::open();
    let mut client = server.connect();
    for _ in 0..300 {
        client.run("true");
    }
    client.command("terminal:list", &json!({"id": "me"}));
    let listed = client.expect("terminal:listed");
    assert_eq!(listed["id"], "me");
    assert_eq!(listed["terminals"].as_array().unwrap().len(), 256);
    client.command("terminal:attach", &json!({"id": "term-1"}));
    assert_eq!(client.expect("error")["code"], "GONE");
}
