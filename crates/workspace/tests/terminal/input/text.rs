//! Input: text, its end, its bounds, and signals.

use serde_json::json;
use tungstenite::Message;

use crate::support::{TestServer, until};

#[test]
fn input_right_behind_the_command_finds_it_and_keeps_its_order() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "cat", "id": "c"}));
    for at in 0..200 {
        client.command(
            "terminal:input",
            &json!({"id": "c", "input": format!("{at}é ")}),
        );
    }
    client.command("terminal:eof", &json!({"id": "c"}));
    client.expect("terminal:started");
    let heard = client.receive_to_exit();
    let expected: String = (0..200).map(|at| format!("{at}é ")).collect();
    assert_eq!(heard.text, expected);
    assert_eq!(heard.exit["exitCode"], 0);
}

#[test]
fn an_interactive_shell_takes_input_a_size_and_its_end() {
    let options = loopwire_workspace::Options {
        shell: Some(vec!["/bin/sh".to_owned()]),
        ..Default::default()
    };
    let server = TestServer::with(options);
    let mut client = server.connect();
    client.execute(&json!({"pty": true, "id": 1}));
    client.expect("terminal:started");
    client.command(
        "terminal:resize",
        &json!({"id": 1, "cols": 132, "rows": 43}),
    );
    client.command(
        "terminal:input",
        &json!({"id": 1, "input": "stty size; echo do''ne\n"}),
    );
    assert!(client.receive_until("done").contains("43 132"));
    client.command("terminal:eof", &json!({"id": 1}));
    assert_eq!(client.receive_to_exit().exit["exitCode"], 0);
}

#[test]
fn the_end_of_input_inside_a_line_of_a_pty_ends_it_too() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "stty -echo; echo go; cat; echo end", "pty": true, "id": 1}));
    client.expect("terminal:started");
    client.receive_until("go");
    client.command("terminal:input", &json!({"id": 1, "input": "half a line"}));
    client.command("terminal:eof", &json!({"id": 1}));
    assert!(
        client
            .receive_to_exit()
            .text
            .ends_with("half a lineend\r\n")
    );
}

#[test]
fn a_pty_with_full_input_ends_with_its_command_and_with_the_workspace() {
    let server = TestServer::open();
    let mut client = server.connect();
    for closes in [false, true] {
        let id = format!("full {closes}");
        let command = "stty -icanon -echo; echo go; exec sleep 1000";
        client.execute(&json!({"command": command, "pty": true, "id": id}));
        client.expect("terminal:started");
        client.receive_until("go");
        for _ in 0..8 {
            let input = "x".repeat(100_000);
            client.command("terminal:input", &json!({"id": id, "input": input}));
        }
        if closes {
            let workspace = server.workspace.clone();
            server.block_on(workspace.close());
        } else {
            client.command("terminal:signal", &json!({"id": id, "signal": "SIGKILL"}));
        }
        let signal = if closes { "SIGTERM" } else { "SIGKILL" };
        assert_eq!(client.receive_to_exit().exit["signal"], signal);
    }
}

#[test]
fn who_cannot_type_gives_a_command_an_input_that_is_at_its_end() {
    let server = TestServer::open();
    let mut client = server.connect();
    for (command, text) in [
        ("cat; echo end", "end\n"),
        ("read x; echo \"[$x] $?\"", "[] 1\n"),
        ("[ -p /dev/stdin ] || echo no pipe", "no pipe\n"),
        ("wc -c", "0\n"),
    ] {
        let heard = client.run(command);
        assert_eq!(
            (heard.text.trim_start(), &heard.exit["exitCode"]),
            (text, &json!(0))
        );
    }
    // What comes all the same is swallowed, like input behind an end.
    client.execute(&json!({"command": "sleep 0.2; cat"}));
    client.command("terminal:input", &json!({"id": "term-5", "input": "x"}));
    assert_eq!(client.receive_to_exit().text, "");
    // The application holds its terminal, and may write.
    let spawn = loopwire_workspace::Spawn {
        command: Some("read x; echo \"[$x]\"".to_owned()),
        ..Default::default()
    };
    let terminal = server.terminals.spawn(spawn).unwrap();
    terminal.write("mine\n".into()).unwrap();
    let mut reader = terminal.reader(None);
    let chunk = server.block_on(reader.read()).unwrap();
    assert_eq!(&chunk.bytes[..], b"[mine]\n");
}

#[test]
fn bytes_as_base64_are_typed_as_they_are_and_what_is_none_is_refused() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "od -An -tx1", "id": 1}));
    client.expect("terminal:started");
    let mut type_in = |input: &str, encoding: &str| {
        let typed = json!({"id": 1, "input": input, "encoding": encoding});
        client.command("terminal:input", &typed);
    };
    type_in("G1tNIP+A", "base64");
    type_in("é", "utf8");
    type_in("no base64", "base64");
    assert_eq!(client.expect("error")["code"], "BAD_MESSAGE");
    client.command("terminal:eof", &json!({"id": 1}));
    let heard = client.receive_to_exit();
    assert_eq!(heard.text.trim(), "1b 5b 4d 20 ff 80 c3 a9");
}

#[test]
fn text_that_a_command_does_not_read_is_refused_at_a_mebibyte() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "sleep 1000", "id": 1}));
    client.expect("terminal:started");
    let input = "x".repeat(300_000);
    // Some is in the pipe.
    for _ in 0..5 {
        client.command("terminal:input", &json!({"id": 1, "input": input}));
    }
    assert_eq!(client.expect("error")["code"], "INPUT_FULL");
    client.command("terminal:signal", &json!({"id": 1, "signal": "SIGKILL"}));
    loop {
        let heard = client.receive();
        if heard["type"] == "terminal:exit" {
            assert_eq!(heard["data"]["signal"], "SIGKILL");
            assert_eq!(heard["data"]["exitCode"], json!(null));
            break;
        }
        assert_eq!(heard["data"]["code"], "INPUT_FULL");
    }
}

#[test]
fn input_for_a_command_that_has_closed_its_own_is_swallowed() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "exec <&-; echo go; sleep 0.3", "id": 1}));
    client.expect("terminal:started");
    client.receive_until("go");
    for _ in 0..10 {
        client.command(
            "terminal:input",
            &json!({"id": 1, "input": "x".repeat(50_000)}),
        );
    }
    assert_eq!(client.receive_to_exit().exit["exitCode"], 0);
    client.command("terminal:input", &json!({"id": 1, "input": "late"}));
    assert!(client.answers_ping());
}

#[test]
fn signals_go_to_the_group_and_in_a_pty_to_the_one_in_front() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(
        &json!({"command": "trap 'echo int; exit 5' INT; echo go; sleep 1000 & wait", "id": 1}),
    );
    client.expect("terminal:started");
    client.receive_until("go");
    client.command("terminal:signal", &json!({"id": 1, "signal": "INT"}));
    let heard = client.receive_to_exit();
    assert_eq!(
        (heard.text.as_str(), &heard.exit["exitCode"]),
        ("int\n", &json!(5))
    );

    let options = loopwire_workspace::Options {
        shell: Some(vec!["/bin/sh".to_owned()]),
        env: vec![("PS1".to_owned(), "ready> ".to_owned())],
        ..Default::default()
    };
    let server = TestServer::with(options);
    let mut client = server.connect();
    client.execute(&json!({"pty": true, "id": 2}));
    client.expect("terminal:started");
    // A job that answers is one that runs: a shell which is about to start another program may hold a signal back.
    for line in ["sed -u s/a/ok/\n", "xay\n"] {
        client.command("terminal:input", &json!({"id": 2, "input": line}));
    }
    client.receive_until("xoky");
    // The job, not the shell.
    client.command("terminal:signal", &json!({"id": 2, "signal": "SIGINT"}));
    // Before the shell has the terminal again, the job could still read what is meant for the shell.
    client.receive_until("ready> ");
    client.command(
        "terminal:input",
        &json!({"id": 2, "input": "echo sh''ell\n"}),
    );
    client.receive_until("shell");
    client.command("terminal:input", &json!({"id": 2, "input": "exit 4\n"}));
    assert_eq!(client.receive_to_exit().exit["exitCode"], 4);
}

#[test]
fn a_signal_that_comes_at_once_reaches_a_command_that_is_being_started() {
    let server = TestServer::open();
    let mut client = server.connect();
    for at in 0..50 {
        client.execute(&json!({"command": "sleep 1000", "id": at}));
        client.command("terminal:signal", &json!({"id": at, "signal": "KILL"}));
        client.expect("terminal:started");
        let exit = client.receive_to_exit().exit;
        assert_eq!(
            (&exit["id"], &exit["signal"]),
            (&json!(at), &json!("SIGKILL"))
        );
    }
    until("nothing runs", || server.terminals.running() == 0);
}

#[test]
fn halves_of_characters_are_joined_for_each_connection_and_terminal() {
    let server = TestServer::open();
    let (mut client, mut other) = (server.connect(), server.connect());
    let run = |client: &mut crate::support::Client, id: &str| {
        client.execute(&json!({"command": "cat", "id": id}));
        client.expect("terminal:started");
    };
    run(&mut client, "a");
    run(&mut client, "b");
    // As JSON.stringify writes what a client has cut between two UTF-16 units.
    let input = |client: &mut crate::support::Client, id: &str, text: &str| {
        let text =
            format!(r#"{{"type":"terminal:input","data":{{"id":"{id}","input":"{text}"}}}}"#);
        client.0.send(Message::text(text)).unwrap();
    };
    input(&mut client, "a", r"one \ud83d");
    assert_eq!(client.receive_until("one "), "one ");
    // Neither another terminal nor another connection takes part.
    input(&mut client, "b", r"\ude00.");
    assert_eq!(client.receive_until("."), "\u{fffd}.");
    input(&mut other, "a", r"\ude00!");
    assert_eq!(client.receive_until("!"), "\u{fffd}!");
    input(&mut client, "a", r"\ude00 two \uD83D");
    assert_eq!(client.receive_until("two "), "😀 two ");
    input(&mut client, "a", "three");
    assert_eq!(client.receive_until("three"), "\u{fffd}three");
    input(&mut client, "a", r"\ude00\u00e9\ud83d\ude00\ud83d.");
    assert_eq!(client.receive_until("."), "\u{fffd}é😀\u{fffd}.");
    // An input of nothing changes nothing.
    for text in [r"\ud83d", "", r"\ude00."] {
        input(&mut client, "a", text);
    }
    assert_eq!(client.receive_until("."), "😀.");
    // Nothing comes behind the end.
    input(&mut client, "a", r"\ud83d");
    client.command("terminal:eof", &json!({"id": "a"}));
    assert_eq!(client.receive_to_exit().text, "\u{fffd}");
    // Character by character, both halves apart.
    for unit in "漢😀🚀x".encode_utf16() {
        input(&mut client, "b", &format!(r"\u{unit:04x}"));
    }
    client.command("terminal:eof", &json!({"id": "b"}));
    assert_eq!(client.receive_to_exit().text, "漢😀🚀x");
}

#[test]
fn half_a_character_anywhere_else_is_a_replacement_character() {
    let server = TestServer::open();
    let mut client = server.connect();
    let send = |client: &mut crate::support::Client, text: &str| {
        client.0.send(Message::text(text)).unwrap();
    };
    let content = r#"{"type":"file:write","data":{"id":"\ud83d","path":"x","content":"a\ud83db"}}"#;
    send(&mut client, content);
    assert_eq!(client.expect("file:done")["id"], "\u{fffd}");
    assert_eq!(server.read_file("x"), "a\u{fffd}b".as_bytes());
    let path = r#"{"type":"file:read","data":{"path":"\ude00"}}"#;
    send(&mut client, path);
    assert_eq!(client.expect("error")["code"], "NOT_FOUND");
    let command =
        r#"{"x\ud83d":1,"type":"terminal:execute","data":{"id":1,"command":"echo 'e\ud83d'"}}"#;
    send(&mut client, command);
    client.expect("terminal:started");
    assert_eq!(client.receive_to_exit().text, "e\u{fffd}\n");
    send(&mut client, r#"{"type":"terminal:\ud83d"}"#);
    assert_eq!(client.expect("error")["code"], "UNKNOWN_TYPE");
}

#[test]
fn input_that_is_typed_key_by_key_costs_more_than_its_bytes() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "sleep 1000", "id": 1}));
    client.expect("terminal:started");
    // What the pipe takes, and then pieces of one byte.
    client.command(
        "terminal:input",
        &json!({"id": 1, "input": "x".repeat(100_000)}),
    );
    for _ in 0..10_000 {
        client.command("terminal:input", &json!({"id": 1, "input": "x"}));
    }
    assert_eq!(client.expect("error")["code"], "INPUT_FULL");
    client.command("terminal:signal", &json!({"id": 1, "signal": "KILL"}));
    while client.receive()["type"] != "terminal:exit" {}
}
