//! Many short commands: one exit each, the last byte before it, nothing left.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::Instant;

use serde_json::json;

use crate::support::{TestServer, until};

/// The processes, waited for or not, of which `is_one` says so by what `/proc/<pid>/stat` has behind the name.
fn processes(is_one: impl Fn(&[&str]) -> bool) -> Vec<String> {
    let stats = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        is_one(&fields).then_some(stat.clone())
    });
    stats.collect()
}

#[test]
fn each_of_many_short_commands_has_one_exit_behind_its_last_byte() {
    let all = std::env::var_os("LOOPWIRE_ALL").is_some();
    let count = if all { 10_000 } else { 2_000 };
    let server = TestServer::open();
    let start = Instant::now();
    let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
    let share = count / clients.len();
    let pids = Mutex::new(HashSet::new());
    let sink = &pids;
    std::thread::scope(|scope| {
        for (at, client) in clients.iter_mut().enumerate() {
            scope.spawn(move || {
                // Twelve at a time on each of four connections.
                let (mut begun, mut outputs, mut exits) = (0, HashMap::new(), HashMap::new());
                while exits.len() < share {
                    while begun < share && begun - exits.len() < 12 {
                        let command = format!("echo {at}-{begun}; exit {}", begun % 100);
                        client.execute(&json!({"command": command, "id": format!("{at}-{begun}")}));
                        begun += 1;
                    }
                    let value = client.receive();
                    let id = value["data"]["id"].as_str().unwrap().to_owned();
                    match value["type"].as_str().unwrap() {
                        "terminal:started" => {
                            let pid = value["data"]["pid"].as_u64().unwrap();
                            sink.lock().unwrap().insert(pid.to_string());
                        }
                        "terminal:output" => {
                            assert!(!exits.contains_key(&id), "output behind the exit");
                            let output = value["data"]["output"].as_str().unwrap();
                            outputs
                                .entry(id)
                                .or_insert_with(String::new)
                                .push_str(output);
                        }
                        "terminal:exit" => {
                            assert_eq!(outputs[&id], format!("{id}\n"));
                            let number: usize = id.rsplit('-').next().unwrap().parse().unwrap();
                            assert_eq!(value["data"]["exitCode"], number % 100);
                            assert!(exits.insert(id, ()).is_none(), "a second exit");
                        }
                        other => panic!("{other}: {value}"),
                    }
                }
                assert!(client.answers_ping());
            });
        }
    });
    let took = start.elapsed();
    println!(
        "{count} commands in {took:?}: {:.0} a second",
        count as f64 / took.as_secs_f64()
    );
    until("nothing runs", || server.terminals.running() == 0);
    // Each leads a session: neither it nor anybody of it is left. Zombies of others are for init to wait for.
    let pids = pids.into_inner().unwrap();
    let me = std::process::id().to_string();
    let left =
        processes(|fields| pids.contains(fields[3]) && (fields[0] != "Z" || fields[1] == me));
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn two_hundred_that_are_killed_leave_nobody() {
    let server = TestServer::open();
    let mut client = server.connect();
    let mut pids = Vec::new();
    for id in 0..200 {
        let command = "sleep 1000 & (sleep 1000 & sleep 1000) & wait";
        client.execute(&json!({"command": command, "id": id, "pty": id % 2 == 0}));
        pids.push(client.expect("terminal:started")["pid"].to_string());
        client.command("terminal:signal", &json!({"id": id, "signal": "SIGKILL"}));
        client.receive_to_exit();
    }
    until("nothing runs", || server.terminals.running() == 0);
    let me = std::process::id().to_string();
    let left = processes(|fields| {
        pids.contains(&fields[3].to_owned()) && (fields[0] != "Z" || fields[1] == me)
    });
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn no_more_run_at_a_time_than_were_allowed() {
    let options = loopwire_workspace::Options {
        max_terminals: 3,
        ..Default::default()
    };
    let server = TestServer::with(options);
    let mut client = server.connect();
    for id in 0..3 {
        client.execute(&json!({"command": "cat", "id": id}));
        client.expect("terminal:started");
    }
    client.execute(&json!({"command": "true"}));
    assert_eq!(client.expect("error")["code"], "TOO_MANY_TERMINALS");
    client.command("terminal:eof", &json!({"id": 0}));
    client.receive_to_exit();
    assert_eq!(client.run("echo again").text, "again\n");
}
