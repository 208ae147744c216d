//! Endings: nothing of a command outlives it, whatever it does.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, TestServer, is_alive, until};

/// The number that a command has printed.
fn number(client: &mut Client) -> u64 {
    let mut text = String::new();
    while !text.ends_with('\n') {
        let data = client.expect("terminal:output");
        // A shell complains there that it has no terminal.
        if data["source"] == "stdout" {
            text.push_str(data["output"].as_str().unwrap());
        }
    }
    text.trim().parse().unwrap()
}

#[test]
fn what_a_command_leaves_in_the_background_ends_with_it() {
    let server = TestServer::open();
    let mut client = server.connect();
    for pty in [false, true] {
        let command = "nohup sleep 1000 >/dev/null 2>&1 & echo $!; exit 6";
        client.execute(&json!({"command": command, "pty": pty}));
        let pid = number(&mut client);
        assert_eq!(client.receive_to_exit().exit["exitCode"], 6);
        assert!(!is_alive(pid), "pty: {pty}");
        // In a group of its own, with the pipe in its hands, ignoring SIGTERM.
        let command =
            "set -m 2>/dev/null; (trap '' TERM; while :; do sleep 0.1; done) & echo $!; exit 7";
        client.execute(&json!({"command": command, "pty": pty}));
        let pid = number(&mut client);
        assert_eq!(client.receive_to_exit().exit["exitCode"], 7);
        assert!(!is_alive(pid), "pty: {pty}");
    }
}

#[test]
fn who_has_left_the_session_holds_no_exit_up() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "setsid sleep 1000 & echo $!; exit 0"}));
    let pid = number(&mut client);
    assert_eq!(client.receive_to_exit().exit["exitCode"], 0);
    let _ = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status();
}

#[test]
fn a_time_limit_ends_even_what_ignores_sigterm_and_what_is_stopped() {
    let server = TestServer::open();
    let mut client = server.connect();
    let cases = [
        ("sleep 1000", json!("SIGTERM")),
        ("trap 'exit 3' TERM; sleep 1000 & wait", Value::Null),
        (
            "trap '' TERM; while :; do sleep 0.1; done",
            json!("SIGKILL"),
        ),
        ("kill -STOP $$; sleep 1000", json!("SIGTERM")),
    ];
    for (command, signal) in cases {
        let start = Instant::now();
        client.execute(&json!({"command": command, "timeoutMs": 300}));
        let exit = client.receive_to_exit().exit;
        assert_eq!(
            (&exit["signal"], &exit["reason"]),
            (&signal, &json!("timeout")),
            "{command}"
        );
        let ignores = signal == "SIGKILL";
        assert_eq!(
            start.elapsed() >= Duration::from_secs(2),
            ignores || start.elapsed().as_secs() >= 2
        );
        assert!(start.elapsed() >= Duration::from_millis(300));
    }
}

#[test]
fn too_much_output_ends_a_command_and_the_exit_says_so() {
    let options = loopwire_workspace::Options {
        max_output_bytes: Some(100_000),
        ..Default::default()
    };
    let server = TestServer::with(options);
    let heard = server.connect().run("yes");
    assert_eq!(heard.text.len(), 100_000);
    assert_eq!(heard.exit["reason"], "output");
    assert_eq!(
        server
            .connect()
            .run("head -c 100000 /dev/zero | wc -c")
            .exit
            .get("reason"),
        None
    );
}

#[test]
fn a_command_outlives_its_connection_for_the_time_that_was_set() {
    let options = loopwire_workspace::Options {
        detach: Some(Duration::from_millis(1_500)),
        ..Default::default()
    };
    let server = TestServer::with(options);
    let mut client = server.connect();
    client.execute(&json!({"command": "echo $$; exec sleep 1000", "id": 1}));
    client.expect("terminal:started");
    let pid = number(&mut client);
    client.disconnect();
    // Somebody comes in time.
    let mut other = server.connect();
    other.command("terminal:attach", &json!({"id": 1}));
    other.expect("terminal:output");
    other.expect("terminal:replayed");
    std::thread::sleep(Duration::from_millis(2_000));
    assert!(is_alive(pid));
    let start = Instant::now();
    other.disconnect();
    until("it is ended", || !is_alive(pid));
    assert!(start.elapsed() >= Duration::from_millis(1_400));
    let terminal = server.terminals.find(&json!(1));
    if let Some(terminal) = terminal {
        assert_eq!(server.block_on(terminal.exit()).reason, Some("detached"));
    }
}

#[test]
fn closing_ends_all_and_waits_for_it_even_where_a_runner_reads_nothing() {
    let server = TestServer::open();
    let (mut client, mut stalled) = (server.connect(), server.connect());
    stalled.execute(&json!({"command": "yes"}));
    client.execute(&json!({"command": "trap '' TERM; echo $$; while :; do sleep 0.1; done"}));
    let pid = number(&mut client);
    let start = Instant::now();
    server.block_on(server.workspace.close());
    assert!(!is_alive(pid));
    assert!(start.elapsed() >= Duration::from_secs(2));
    let exit = client.receive_to_exit().exit;
    assert_eq!(
        (&exit["signal"], &exit["reason"]),
        (&json!("SIGKILL"), &json!("closed"))
    );
    client.execute(&json!({"command": "true"}));
    assert_eq!(client.expect("error")["code"], "NO_WORKSPACE");
}

#[test]
fn killing_is_immediate() {
    let server = TestServer::open();
    let mut client = server.connect();
    let mut pids = Vec::new();
    for _ in 0..5 {
        client.execute(&json!({"command": "trap '' TERM; echo $$; while :; do sleep 0.1; done"}));
        pids.push(number(&mut client));
    }
    server.workspace.kill();
    until("all are gone", || pids.iter().all(|pid| !is_alive(*pid)));
}

#[test]
fn the_callbacks_hear_of_start_and_exit_and_connections_do_not() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.run("exit 2");
    until("both are published", || server.journal.head() >= 2);
    let loopwire_channel::Read::Events(segment) = server.journal.read(1) else {
        panic!("no events");
    };
    let events: Vec<Value> = (segment.records(1))
        .map(|record| serde_json::from_slice(record.json).unwrap())
        .collect();
    assert_eq!(
        (&events[0]["type"], &events[0]["data"]["id"]),
        (&json!("terminal:started"), &json!("term-1"))
    );
    assert_eq!(
        (&events[1]["type"], &events[1]["data"]["exitCode"]),
        (&json!("terminal:exit"), &json!(2))
    );
    assert!(client.answers_ping());
}
