//! Binary input: the number of its stream, what holds its connection back, and what is refused.

use serde_json::json;
use tungstenite::Message;

use crate::support::{self, Client, TestServer};

#[test]
fn binary_input_goes_by_the_number_of_its_stream_and_pauses_who_sends_too_much() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let stdin = client.start(&json!({"command": "read _; wc -c"}));
    let frame = support::piece(stdin, 0, &[b'\n'; 500_000]);
    // Twenty times what may be under way.
    for _ in 0..40 {
        client.0.send(frame.clone()).unwrap();
    }
    client.command("terminal:eof", &json!({"id": "term-1"}));
    let count = match client.next() {
        Message::Binary(frame) => String::from_utf8(frame[12..].to_vec()).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(count.trim().parse::<usize>().unwrap(), 40 * 500_000 - 1);
    client.expect("terminal:exit");
    // Not a stream of ours, and nothing at all.
    for frame in [
        &[0, 0, 99, 99, 0, 0, 0, 0, 0, 0, 0, 0, 1][..],
        &stdin.to_be_bytes()[..],
        b"",
    ] {
        client.0.send(Message::binary(frame.to_vec())).unwrap();
        assert_eq!(client.expect("error")["code"], "BAD_MESSAGE");
    }
}

/// Starts a command; the number of its standard input.
fn stdin(client: &mut Client, id: &str, command: &str) -> u32 {
    client.start(&json!({"command": command, "id": id}))
}

/// A piece of binary input.
fn piece(stdin: u32, length: usize) -> Message {
    support::piece(stdin, 0, &vec![b'x'; length])
}

#[test]
fn a_command_that_does_not_read_holds_up_neither_the_connection_nor_its_other_commands() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let stuck = stdin(&mut client, "stuck", "sleep 1000");
    let count = stdin(&mut client, "count", "wc -c");
    // Three times what may be in flight, and behind it what a client does next.
    for _ in 0..6 {
        client.0.send(piece(stuck, 500_000)).unwrap();
    }
    client.0.send(piece(count, 10)).unwrap();
    client.command("terminal:eof", &json!({"id": "count"}));
    let start = std::time::Instant::now();
    client.0.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
    let mut refused = 0;
    let (mut counted, mut ended, mut pong) = (None, false, false);
    while counted.is_none() || !ended || !pong {
        match client.next() {
            Message::Binary(frame) => counted = Some(frame[12..].to_vec()),
            Message::Text(text) => {
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                let data = &value["data"];
                match value["type"].as_str().unwrap() {
                    "pong" => pong = true,
                    "terminal:exit" => ended = true,
                    "error" => {
                        assert_eq!(data["code"], "INPUT_FULL");
                        assert_eq!(
                            (&data["id"], &data["command"]),
                            (&json!("stuck"), &json!("terminal:input"))
                        );
                        refused += 1;
                    }
                    other => panic!("{other}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
    assert_eq!(counted.unwrap(), b"10\n");
    // For the first piece that is dropped, not for each.
    assert_eq!(refused, 1);
    client.command("terminal:signal", &json!({"id": "stuck", "signal": "KILL"}));
    assert_eq!(client.expect("terminal:exit")["signal"], "SIGKILL");
}

#[test]
fn a_command_that_does_not_read_takes_nothing_from_one_that_does() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let stuck = stdin(&mut client, "stuck", "sleep 1000");
    // It reads slower than the client sends.
    let slow = stdin(
        &mut client,
        "slow",
        "for n in 1 2 3; do sleep 0.1; head -c 1000000; done | wc -c; cat | wc -c",
    );
    for _ in 0..4 {
        client.0.send(piece(stuck, 500_000)).unwrap();
    }
    let start = std::time::Instant::now();
    for _ in 0..100 {
        client.0.send(piece(slow, 100_000)).unwrap();
    }
    client.command("terminal:eof", &json!({"id": "slow"}));
    let mut heard = Vec::new();
    loop {
        match client.next() {
            Message::Binary(frame) => heard.extend_from_slice(&frame[12..]),
            other => {
                assert!(other.to_string().contains("terminal:exit"), "{other}");
                break;
            }
        }
    }
    assert_eq!(String::from_utf8(heard).unwrap(), "3000000\n7000000\n");
    // The connection has waited once for the one that does not read, not again and again.
    assert!(start.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn a_command_that_does_not_read_does_not_slow_down_an_upload() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let stuck = stdin(&mut client, "stuck", "sleep 1000");
    let stream = client.begin_upload("large", 20 * 500_000);
    for _ in 0..4 {
        client.0.send(piece(stuck, 500_000)).unwrap();
    }
    let start = std::time::Instant::now();
    for at in 0..20 {
        client.send_piece(stream, at * 500_000, &[7; 500_000]);
    }
    assert_eq!(client.expect("file:done")["size"], 20 * 500_000);
    assert!(start.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn a_command_that_reads_late_gets_the_beginning_of_the_input_without_a_hole() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    // It reads when it is told to, and then shows how each line begins.
    let command = "exec 2>/dev/null; trap 'exec grep --line-buffered -o ^[0-9]*' USR1; echo go; while :; do sleep 0.02; done";
    let stdin = stdin(&mut client, "late", command);
    assert_eq!(&client.next().into_data()[12..], b"go\n");
    let line = |at: usize| {
        let mut frame = piece(stdin, 300_000).into_data().to_vec();
        frame[12..16].copy_from_slice(format!("{at:04}").as_bytes());
        *frame.last_mut().unwrap() = b'\n';
        Message::binary(frame)
    };
    for at in 0..8 {
        client.0.send(line(at)).unwrap();
    }
    assert_eq!(client.expect("error")["code"], "INPUT_FULL");
    // Now it reads, and input that comes behind what was refused would find room.
    client.command("terminal:signal", &json!({"id": "late", "signal": "USR1"}));
    let mut heard = Vec::new();
    let mut hear = |client: &mut Client, until: &str| {
        while !heard.ends_with(until.as_bytes()) {
            match client.next() {
                Message::Binary(frame) => heard.extend_from_slice(&frame[12..]),
                other => assert!(other.to_string().contains("replayed"), "{other:?}"),
            }
        }
        String::from_utf8(heard.clone()).unwrap()
    };
    let accepted = hear(&mut client, "0004\n").lines().count();
    for at in 8..16 {
        client.0.send(line(at)).unwrap();
    }
    // Whoever asks anew is heard again, once.
    client.command("terminal:attach", &json!({"id": "late", "offset": 1 << 20}));
    client.0.send(line(99)).unwrap();
    let lines = hear(&mut client, "0099\n");
    let mut expected: Vec<_> = (0..accepted).map(|at| format!("{at:04}")).collect();
    expected.push("0099".to_owned());
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    client.command("terminal:eof", &json!({"id": "late"}));
    assert_eq!(client.expect("terminal:exit")["exitCode"], 0);
}
