//! Output: whole characters, in order, tagged, and the exit behind the last byte.

use serde_json::{Value, json};
use tungstenite::Message;

use crate::support::TestServer;

const MIXED: &str = "café — 🎉 ─│";

fn octal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:03o}")).collect()
}

#[test]
fn a_command_without_an_id_gives_output_and_an_exit_and_nothing_else() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "printf hello", "cwd": server.root()}));
    let output = client.expect("terminal:output");
    assert_eq!(
        output,
        json!({"output": "hello", "id": "term-1", "source": "stdout", "offset": 0, "end": 5})
    );
    let exit = client.expect("terminal:exit");
    assert_eq!(
        (&exit["exitCode"], &exit["signal"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(exit["id"], "term-1");
    assert!(exit["durationMs"].is_u64());
    assert!(client.answers_ping());
}

#[test]
fn who_gives_an_id_is_told_of_the_start() {
    let server = TestServer::open();
    let mut client = server.connect();
    for id in [json!("mine"), json!(7)] {
        client.execute(&json!({"command": "exit 3", "id": id}));
        let started = client.expect("terminal:started");
        assert!(started["pid"].as_u64().unwrap() > 0);
        assert!(started["streams"]["stderr"].is_u64());
        assert_eq!(started["id"], id);
        let exit = client.expect("terminal:exit");
        assert_eq!((&exit["exitCode"], &exit["id"]), (&json!(3), &id));
    }
}

#[test]
fn text_split_at_every_byte_stays_whole_through_pipes() {
    let server = TestServer::open();
    let mut client = server.connect();
    let bytes = MIXED.as_bytes();
    for split in 0..=bytes.len() {
        let (front, back) = bytes.split_at(split);
        // The read makes sure that the first part was heard before the second is written.
        let command = format!(
            "printf '{}x'; read _; printf '{}'",
            octal(b"<"),
            octal(front)
        );
        let command = format!("{command}; read _; printf '{}'", octal(back));
        client.execute(&json!({"command": command, "id": split}));
        client.expect("terminal:started");
        assert_eq!(client.receive_until("x"), "<x");
        client.command("terminal:input", &json!({"id": split, "input": "\n"}));
        std::thread::sleep(std::time::Duration::from_millis(3));
        client.command("terminal:input", &json!({"id": split, "input": "\n"}));
        let heard = client.receive_to_exit();
        assert_eq!(heard.text, MIXED, "{split}");
        let last = heard.messages.last().unwrap();
        assert_eq!(last["end"], 2 + bytes.len());
        for message in &heard.messages {
            let (from, to) = (
                message["offset"].as_u64().unwrap(),
                message["end"].as_u64().unwrap(),
            );
            assert_eq!(to - from, message["output"].as_str().unwrap().len() as u64);
        }
    }
}

#[test]
fn text_written_byte_by_byte_stays_whole_in_a_pty() {
    let server = TestServer::open();
    let mut client = server.connect();
    let each: Vec<_> = MIXED
        .bytes()
        .map(|byte| format!("printf '{}'", octal(&[byte])))
        .collect();
    let command = each.join("; ");
    client.execute(&json!({"command": command, "pty": true}));
    let heard = client.receive_to_exit();
    assert_eq!(heard.text, MIXED);
    assert!(
        heard
            .messages
            .iter()
            .all(|one| !one["output"].as_str().unwrap().contains('\u{fffd}'))
    );
}

#[test]
fn the_two_outputs_are_told_apart() {
    let server = TestServer::open();
    let mut client = server.connect();
    let heard = client.run("for i in 1 2 3; do echo out$i; echo err$i >&2; done");
    assert_eq!(heard.stdout, "out1\nout2\nout3\n");
    assert_eq!(heard.stderr, "err1\nerr2\nerr3\n");
    let mut end = 0;
    for message in &heard.messages {
        assert_eq!(message["offset"], end);
        end = message["end"].as_u64().unwrap();
    }
    assert_eq!(end, 30);
}

#[test]
fn the_exit_follows_the_last_byte_of_much_output() {
    let server = TestServer::open();
    let mut client = server.connect();
    for pty in [false, true] {
        let command = "stty raw 2>/dev/null; head -c 1000000 /dev/zero | tr '\\0' x; printf end";
        client.execute(&json!({"command": command, "pty": pty}));
        let heard = client.receive_to_exit();
        assert_eq!(heard.text.len(), 1_000_003, "pty: {pty}");
        assert!(heard.text.ends_with("xxxend"));
        assert_eq!(heard.exit["exitCode"], 0);
    }
}

#[test]
fn what_is_no_text_is_replaced_and_counted_exactly() {
    let server = TestServer::open();
    let mut client = server.connect();
    let heard = client.run(r"printf 'a\377b\303'; printf '(\342\224' >&2");
    assert_eq!(heard.stdout, "a\u{fffd}b\u{fffd}");
    assert_eq!(heard.stderr, "(\u{fffd}");
    let last = heard
        .messages
        .iter()
        .map(|one| one["end"].as_u64().unwrap())
        .max();
    assert_eq!(last, Some(7));
}

#[test]
fn binary_output_comes_as_it_is() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    client.execute(&json!({"command": r"printf 'a\377\000b'; exec >&2; printf e"}));
    let started = client.expect("terminal:started");
    assert_eq!(started["id"], "term-1");
    let streams = &started["streams"];
    let (mut out, mut err, mut next) = (Vec::new(), Vec::new(), 0);
    let exit = loop {
        match client.next() {
            Message::Binary(frame) => {
                let stream = u32::from_be_bytes(frame[..4].try_into().unwrap());
                assert_eq!(u64::from_be_bytes(frame[4..12].try_into().unwrap()), next);
                next += frame.len() as u64 - 12;
                if streams["stdout"] == stream {
                    &mut out
                } else {
                    &mut err
                }
                .extend_from_slice(&frame[12..]);
            }
            Message::Text(text) => break serde_json::from_str::<Value>(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        (out.as_slice(), err.as_slice()),
        (&b"a\xff\0b"[..], &b"e"[..])
    );
    assert_eq!(exit["type"], "terminal:exit");
}

#[test]
fn a_command_has_the_directory_the_environment_and_the_screen_it_was_given() {
    let options = loopwire_workspace::Options {
        env: vec![("GIVEN".to_owned(), "by the application".to_owned())],
        ..Default::default()
    };
    let server = TestServer::with(options);
    std::fs::create_dir(server.root().join("sub")).unwrap();
    let mut client = server.connect();
    let root = server.root().canonicalize().unwrap();
    for cwd in [json!("sub"), json!(root.join("sub")), json!("sub/../sub/.")] {
        client.execute(&json!({"command": "pwd -P", "cwd": cwd}));
        assert_eq!(
            client.receive_to_exit().text.trim_end(),
            root.join("sub").to_str().unwrap()
        );
    }
    assert_eq!(client.run("pwd -P").text.trim_end(), root.to_str().unwrap());
    client.execute(&json!({"command": "echo $GIVEN-$MINE", "env": {"MINE": "a=b"}}));
    assert_eq!(client.receive_to_exit().text, "by the application-a=b\n");
    client.execute(&json!({"command": "stty size; echo $TERM; tty", "pty": true}));
    assert!(
        client
            .receive_to_exit()
            .text
            .starts_with("24 80\r\nxterm-256color\r\n/dev/")
    );
    client.execute(&json!({"command": "stty size", "pty": true, "cols": 100, "rows": 30}));
    assert_eq!(client.receive_to_exit().text, "30 100\r\n");
}

#[test]
fn a_command_has_none_of_our_descriptors_and_no_way_to_our_terminal() {
    let server = TestServer::open();
    let mut client = server.connect();
    for pty in [false, true] {
        client.execute(&json!({"command": "ls -1 /proc/self/fd; cat /proc/$$/stat", "pty": pty}));
        let heard = client.receive_to_exit().text.replace('\r', "");
        // The fourth is that of `ls` itself.
        assert!(heard.starts_with("0\n1\n2\n3\n"), "{heard}");
        let fields: Vec<_> = heard.rsplit_once(") ").unwrap().1.split(' ').collect();
        let pid = heard.lines().nth(4).unwrap().split(' ').next().unwrap();
        assert_eq!(
            (fields[2], fields[3]),
            (pid, pid),
            "a group and a session of its own"
        );
        assert_eq!(fields[4] != "0", pty, "its controlling terminal");
    }
}

#[test]
fn the_applications_shell_runs_the_command() {
    let options = loopwire_workspace::Options {
        shell: Some(
            ["/bin/sh", "-c", "echo \"$0\" by a shell"]
                .map(String::from)
                .to_vec(),
        ),
        ..Default::default()
    };
    let server = TestServer::with(options);
    assert_eq!(server.connect().run("run").text, "run by a shell\n");
    let options = loopwire_workspace::Options {
        shell: Some(vec!["/nowhere/sh".to_owned()]),
        ..Default::default()
    };
    let server = TestServer::with(options);
    let mut client = server.connect();
    client.execute(&json!({"command": "x"}));
    assert_eq!(client.expect("error")["code"], "SPAWN_FAILED");
    assert_eq!(server.terminals.running(), 0);
    assert!(client.answers_ping());
}
