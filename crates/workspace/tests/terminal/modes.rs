//! Modes: a screen that comes late, or was overtaken, gets those that hold where its output begins.

use loopwire_workspace::{Options, Spawn};
use serde_json::{Value, json};
use tungstenite::Message;

use crate::support::{Client, TestServer};

/// As full-screen programs begin: the alternate screen, bracketed paste, the mouse, cursor keys, no cursor, a title.
const BEGIN: &str =
    r"\033[?1049h\033[?2004h\033[?1002h\033[?1006h\033[?1h\033=\033[?25l\033]0;editor\007";

/// What a screen needs for that.
const PRELUDE: &str =
    "\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[?25l\x1b[?1002h\x1b[?1006h\x1b=\x1b]2;editor\x1b\\\x1b[0m";

/// Draws some more than two of these rings, line by line.
const DRAW: &str = r#"i=0; while [ $i -lt 3000 ]; do printf '\033[31mline %d\033[m of a picture, over and over\n' $i; i=$((i+1)); done"#;

fn server() -> TestServer {
    TestServer::with(Options {
        scrollback_bytes: 64 << 10,
        ..Default::default()
    })
}

/// A server and a runner that has seen all that a program has drawn, and the program waits.
fn drawn(pty: bool) -> (TestServer, Client) {
    let server = server();
    let mut runner = server.connect();
    let command = format!("printf '{BEGIN}'; {DRAW}; echo drawn; read _; printf '\\033[?1049l'");
    runner.execute(&json!({"command": command, "id": 1, "pty": pty}));
    runner.expect("terminal:started");
    runner.receive_until("drawn");
    (server, runner)
}

/// The output as text and the offsets of its messages, up to `terminal:replayed`, and the data of that.
fn replay(client: &mut Client) -> (String, Vec<(u64, u64)>, Value) {
    let (mut text, mut places) = (String::new(), Vec::new());
    loop {
        let (start, piece) = match client.next() {
            Message::Binary(frame) => {
                let start = u64::from_be_bytes(frame[4..12].try_into().unwrap());
                (start, String::from_utf8(frame[12..].to_vec()).unwrap())
            }
            Message::Text(message) => {
                let mut value: Value = serde_json::from_str(&message).unwrap();
                let data = value["data"].take();
                if value["type"] == "terminal:replayed" {
                    return (text, places, data);
                }
                assert_eq!(value["type"], "terminal:output", "{value}");
                let output = data["output"].as_str().unwrap().to_owned();
                assert_eq!(data["source"], "stdout");
                let length = data["end"].as_u64().unwrap() - data["offset"].as_u64().unwrap();
                assert_eq!(length, output.len() as u64);
                (data["offset"].as_u64().unwrap(), output)
            }
            other => panic!("{other:?}"),
        };
        places.push((start, start + piece.len() as u64));
        text.push_str(&piece);
    }
}

#[test]
fn a_replay_without_its_beginning_begins_with_the_modes_that_hold_there() {
    let (server, _runner) = drawn(true);
    for offset in [json!(null), json!(0), json!(5_000)] {
        for mut client in [server.connect(), server.connect_binary()] {
            client.command("terminal:attach", &json!({"id": 1, "offset": offset}));
            let (text, places, replayed) = replay(&mut client);
            assert!(
                text.starts_with(&format!("{PRELUDE}\x1b[31mline ")),
                "{:?}",
                &text[..200]
            );
            assert!(text.ends_with("drawn\r\n"));
            assert_eq!(replayed["truncated"], true);
            assert_eq!(replayed["modes"], PRELUDE.len());
            // Who counts the bytes goes on where the output does.
            assert_eq!(replayed["from"], places[0].0);
            assert_eq!(replayed["to"], places.last().unwrap().1);
            assert!(places.windows(2).all(|pair| pair[0].1 == pair[1].0));
            assert!(
                places[0].0 > offset.as_u64().unwrap_or(0),
                "among what was lost"
            );
            assert!(text.len() > 48 << 10);
        }
    }
}

#[test]
fn who_has_seen_everything_gets_no_modes_and_goes_on_behind_them() {
    let (server, mut runner) = drawn(true);
    let mut viewer = server.connect();
    viewer.command("terminal:attach", &json!({"id": 1}));
    let (_, places, _) = replay(&mut viewer);
    for at in [places[0].1, places.last().unwrap().1] {
        let mut client = server.connect();
        client.command("terminal:attach", &json!({"id": 1, "offset": at}));
        let (_, rest, replayed) = replay(&mut client);
        assert!(rest.iter().all(|(start, _)| *start >= at));
        assert_eq!(
            (&replayed["truncated"], replayed.get("modes")),
            (&json!(false), None)
        );
    }
    // It is over for those who come behind it, too.
    runner.command("terminal:input", &json!({"id": 1, "input": "\n"}));
    assert!(runner.receive_to_exit().text.ends_with("\x1b[?1049l"));
}

#[test]
fn pipes_give_bytes_and_nothing_is_added_to_them() {
    let (server, _runner) = drawn(false);
    let mut client = server.connect_binary();
    client.command("terminal:attach", &json!({"id": 1}));
    let (text, _, replayed) = replay(&mut client);
    assert!(text.starts_with("\x1b[31mline "), "{:?}", &text[..100]);
    assert_eq!(replayed.get("modes"), None);
}

#[test]
fn text_without_modes_needs_none() {
    let server = server();
    let mut runner = server.connect();
    let command =
        "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo drawn; read _";
    runner.execute(&json!({"command": command, "id": 1, "pty": true}));
    runner.expect("terminal:started");
    runner.receive_until("drawn");
    let mut client = server.connect();
    client.command("terminal:attach", &json!({"id": 1}));
    let (text, _, replayed) = replay(&mut client);
    assert!(text.starts_with("line "));
    assert_eq!(replayed.get("modes"), None);
}

#[test]
fn a_reader_of_the_application_begins_with_the_modes_too() {
    let server = server();
    let spawn = Spawn {
        command: Some(format!("printf '{BEGIN}'; {DRAW}; echo drawn")),
        pty: true,
        ..Default::default()
    };
    let terminal = server.terminals.spawn(spawn).unwrap();
    server.block_on(terminal.exit());
    let mut reader = terminal.reader(None);
    let (mut text, mut next) = (Vec::new(), None);
    while let Some(chunk) = server.block_on(reader.read()) {
        assert_eq!(next.unwrap_or(chunk.offset), chunk.offset);
        next = Some(chunk.offset + chunk.bytes.len() as u64);
        text.extend_from_slice(&chunk.bytes);
    }
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.starts_with(&format!("{PRELUDE}\x1b[31mline ")),
        "{:?}",
        &text[..200]
    );
    assert!(text.ends_with("drawn\r\n"));
}

#[test]
fn a_viewer_that_was_overtaken_gets_the_modes_again() {
    let server = server();
    let (mut runner, mut viewer) = (server.connect(), server.connect());
    // More than any socket holds for a viewer that does not read.
    let command = format!("printf '{BEGIN}'; read _; exec yes line of a picture");
    runner.execute(&json!({"command": command, "id": 1, "pty": true}));
    runner.expect("terminal:started");
    runner.receive_until("editor");
    viewer.command("terminal:attach", &json!({"id": 1, "offset": 0}));
    viewer.expect("terminal:output");
    viewer.expect("terminal:replayed");
    runner.command("terminal:input", &json!({"id": 1, "input": "\n"}));
    let mut seen = 0;
    while seen < 40 << 20 {
        seen = runner.receive()["data"]["end"].as_u64().unwrap_or(seen);
    }
    let prelude = PRELUDE.strip_suffix("\x1b[0m").unwrap();
    let mut seen = 0;
    loop {
        let value = viewer.receive();
        let data = &value["data"];
        if value["type"] == "terminal:replayed" {
            assert_eq!(data["modes"], prelude.len());
            let modes = viewer.expect("terminal:output");
            assert_eq!(modes["output"], prelude);
            assert_eq!(modes["offset"], data["from"]);
            assert!(modes["offset"].as_u64().unwrap() > seen);
            assert_eq!(viewer.expect("terminal:output")["offset"], modes["end"]);
            break;
        }
        seen = data["end"].as_u64().unwrap();
    }
    runner.command("terminal:signal", &json!({"id": 1, "signal": "KILL"}));
}
