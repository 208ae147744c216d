//! Flow: a terminal pauses for who runs it, and for nobody else.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{TIMEOUT, TestServer, until};

/// How much the first terminal has put out.
fn head(server: &TestServer) -> u64 {
    let mut client = server.connect();
    client.command("terminal:list", &json!({}));
    client.expect("terminal:listed")["terminals"][0]["to"]
        .as_u64()
        .unwrap()
}

/// Waits until a terminal puts out nothing more.
fn until_it_pauses(server: &TestServer) -> u64 {
    let start = Instant::now();
    let mut last = head(server);
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = head(server);
        if now == last && now > 0 {
            return now;
        }
        assert!(start.elapsed() < TIMEOUT, "it does not pause");
        last = now;
    }
}

#[test]
fn a_terminal_with_a_small_ring_overwrites_nothing_that_its_runner_has_not_read() {
    let options = loopwire_workspace::Options {
        scrollback_bytes: 16 << 10,
        ..Default::default()
    };
    let server = TestServer::with(options);
    let text = "0123456789abcde\n".repeat(64 << 10);
    std::fs::write(server.root().join("large"), &text).unwrap();
    assert!(server.connect().run("cat large").text == text);
    let heard = server.connect().run("cat large; cat large >&2");
    assert!(heard.stdout == text && heard.stderr == text);
}

#[test]
fn a_terminal_pauses_for_its_runner_and_nobody_else_waits() {
    let server = TestServer::open();
    let mut runner = server.connect();
    runner.execute(&json!({"command": "yes", "id": "y"}));
    runner.expect("terminal:started");
    // From here on it reads nothing.
    let paused = until_it_pauses(&server);
    let mut other = server.connect();
    for _ in 0..20 {
        assert_eq!(other.run("echo fine").text, "fine\n");
    }
    assert_eq!(head(&server), paused);
    // It reads again, and the terminal goes on.
    let mut heard = 0;
    while heard < paused + (1 << 20) {
        heard += runner.expect("terminal:output")["output"]
            .as_str()
            .unwrap()
            .len() as u64;
    }
    // Once it is gone, the ring takes all.
    runner.disconnect();
    let before = head(&server);
    until("it goes on", || head(&server) > before + (64 << 20));
    // Whoever attaches last runs it now.
    other.command("terminal:attach", &json!({"id": "y"}));
    until_it_pauses(&server);
    other.command("terminal:signal", &json!({"id": "y", "signal": "KILL"}));
    loop {
        let heard = other.receive();
        if heard["type"] == "terminal:exit" {
            assert_eq!(heard["data"]["signal"], "SIGKILL");
            break;
        }
    }
}

#[test]
fn a_viewer_that_lags_is_overtaken_and_told_where_it_goes_on() {
    let server = TestServer::open();
    let (mut runner, mut viewer) = (server.connect(), server.connect());
    let command = "read _; i=0; while [ $i -lt 40 ]; do seq 100000; i=$((i+1)); done";
    runner.execute(&json!({"command": command, "id": 1}));
    runner.expect("terminal:started");
    viewer.command("terminal:attach", &json!({"id": 1}));
    assert_eq!(viewer.expect("terminal:replayed")["truncated"], false);
    runner.command("terminal:input", &json!({"id": 1, "input": "\n"}));
    // The viewer reads nothing meanwhile: 22 MB are more than the kernel keeps for it.
    let whole = runner.receive_to_exit();
    let (mut next, mut jumps) = (0, 0);
    loop {
        let mut value = viewer.receive();
        let data = value["data"].take();
        match value["type"].as_str().unwrap() {
            "terminal:output" => {
                let (from, output) = (
                    data["offset"].as_u64().unwrap(),
                    data["output"].as_str().unwrap(),
                );
                assert_eq!(from, next);
                let from = usize::try_from(from).unwrap();
                assert_eq!(&whole.text[from..from + output.len()], output);
                next = data["end"].as_u64().unwrap();
            }
            "terminal:replayed" => {
                assert_eq!((&data["truncated"], &data["id"]), (&json!(true), &json!(1)));
                let from = data["from"].as_u64().unwrap();
                assert!(from > next && data["to"].as_u64().unwrap() >= from);
                assert_eq!(
                    whole.text.as_bytes()[usize::try_from(from).unwrap() - 1],
                    b'\n'
                );
                (next, jumps) = (from, jumps + 1);
            }
            "terminal:exit" => break,
            other => panic!("{other}"),
        }
    }
    assert_eq!(next, whole.text.len() as u64);
    assert!(jumps > 0);
}

#[test]
fn ctrl_c_is_answered_under_yes() {
    let server = TestServer::open();
    let mut client = server.connect();
    let mut slowest = Duration::ZERO;
    for id in 0..5 {
        client.execute(&json!({"command": "yes", "id": id, "pty": true}));
        client.expect("terminal:started");
        for _ in 0..100 {
            client.expect("terminal:output");
        }
        let start = Instant::now();
        client.command("terminal:input", &json!({"id": id, "input": "\u{3}"}));
        let heard = client.receive_to_exit();
        slowest = slowest.max(start.elapsed());
        assert_eq!(heard.exit["signal"], "SIGINT");
    }
    println!("Ctrl+C under yes: at most {slowest:?}");
}

#[test]
fn the_applications_reader_holds_the_terminal_up_until_it_is_dropped() {
    let server = TestServer::open();
    let spawn = loopwire_workspace::Spawn {
        command: Some("yes".to_owned()),
        ..Default::default()
    };
    let terminal = server.terminals.spawn(spawn).unwrap();
    let mut reader = terminal.reader(None);
    assert!(server.block_on(terminal.started()).unwrap() > 0);
    let first = server.block_on(reader.read()).unwrap();
    assert_eq!(first.offset, 0);
    assert!(first.bytes.starts_with(b"y\ny\n"));
    let paused = until_it_pauses(&server);
    let mut next = first.bytes.len() as u64;
    while next < paused + 1_000_000 {
        let chunk = server.block_on(reader.read()).unwrap();
        assert_eq!(chunk.offset, next);
        next += chunk.bytes.len() as u64;
    }
    drop(reader);
    until("it goes on", || head(&server) > next + (16 << 20));
    let mut reader = terminal.reader(None);
    terminal.signal("SIGTERM").unwrap();
    while server.block_on(reader.read()).is_some() {}
    assert_eq!(
        server.block_on(terminal.exit()).signal.as_deref(),
        Some("SIGTERM")
    );
}
