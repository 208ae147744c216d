//! The guardian: a host that is killed leaves no command behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::support::{TestServer, is_alive, members, until};

/// Says to this very binary that it is the host to be killed, and how it is to end.
const HOST: &str = "LOOPWIRE_TEST_HOST";

/// A host with commands, which tells their process ids and waits for its end.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn host() {
    let how = std::env::var_os(HOST).unwrap();
    let server = TestServer::open();
    let mut client = server.connect();
    let commands = [
        "sleep 1000",
        "trap '' TERM HUP INT; while :; do sleep 0.1; done",
        "setsid --version >/dev/null; (nohup sleep 1000 >/dev/null 2>&1 &) ; set -m; sleep 1000 & wait",
        "kill -STOP $$; sleep 1000",
    ];
    for (id, command) in commands.iter().enumerate() {
        for pty in [false, true] {
            client.execute(&json!({"command": command, "pty": pty, "id": format!("{id}{pty}")}));
            let mut heard = client.receive();
            while heard["type"] != "terminal:started" {
                heard = client.receive();
            }
            println!("session {}", heard["data"]["pid"]);
        }
    }
    let heard = server.connect().run("echo \"[$LOOPWIRE_TOKEN]\"");
    assert_eq!(heard.text, "[]\n", "the host's token is for nobody");
    println!("ready");
    if how == "exit" {
        std::process::exit(0);
    }
    std::thread::sleep(crate::support::TIMEOUT);
}

fn start(how: &str) -> (Child, Vec<u64>) {
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["guardian::host", "--exact", "--ignored", "--nocapture"])
        .env(HOST, how)
        .env("LOOPWIRE_TOKEN", "a secret")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut sessions = Vec::new();
    let mut lines = BufReader::new(host.stdout.take().unwrap());
    loop {
        let mut line = String::new();
        assert!(
            lines.read_line(&mut line).unwrap() > 0,
            "the host ended early"
        );
        // The test runner's own words may stand before ours.
        if let Some((_, pid)) = line.trim_end().rsplit_once("session ") {
            sessions.push(pid.parse().unwrap());
        } else if line.contains("ready") {
            break;
        }
    }
    // Kept open, or the host would end of writing.
    std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
    assert_eq!(sessions.len(), 8);
    (host, sessions)
}

/// The guardian of a host.
fn guardian_of(host: u32) -> Option<u64> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u64>().ok());
    pids.find(|pid| {
        let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(") ")
            .and_then(|(_, behind)| behind.split(' ').nth(1));
        words.ends_with(b"\0loopwire-guardian\0") && parent == Some(host.to_string().as_str())
    })
}

#[test]
fn a_host_that_is_killed_leaves_nobody_and_neither_does_one_that_exits() {
    for how in ["kill", "exit"] {
        let (mut host, sessions) = start(how);
        if how == "kill" {
            assert!(members(&sessions).len() >= 8);
            host.kill().unwrap();
        }
        host.wait().unwrap();
        until("all are gone", || members(&sessions).is_empty());
    }
}

#[test]
fn the_guardian_holds_nothing_of_the_hosts_and_ends_with_it() {
    let (mut host, sessions) = start("kill");
    let guardian = guardian_of(host.id()).unwrap();
    let list = std::fs::read_dir(format!("/proc/{guardian}/fd")).unwrap();
    let mut open: Vec<_> = list
        .map(|entry| {
            std::fs::read_link(entry.unwrap().path())
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    open.sort();
    assert_eq!(open.len(), 3, "{open:?}");
    assert_eq!(&open[..2], ["/dev/null", "/dev/null"]);
    assert!(open[2].starts_with("pipe:"));
    // What would end others does not end it.
    for signal in ["HUP", "INT", "TERM", "QUIT", "PIPE", "USR1"] {
        let _ = Command::new("kill")
            .args(["-s", signal, &guardian.to_string()])
            .status();
    }
    host.kill().unwrap();
    host.wait().unwrap();
    until("all are gone", || members(&sessions).is_empty());
    until("the guardian is gone", || !is_alive(guardian));
}

#[test]
fn the_guardian_goes_with_the_terminals_and_one_that_was_killed_is_replaced() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"command": "sleep 1000", "id": 1}));
    client.expect("terminal:started");
    let pid = u64::from(server.terminals.guardian().unwrap());
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
    until("it is gone", || !is_alive(pid));
    assert_eq!(client.run("echo fine").text, "fine\n");
    let next = u64::from(server.terminals.guardian().unwrap());
    assert!(is_alive(next));
    server.workspace.kill();
    until("it is gone", || !is_alive(next));
}
