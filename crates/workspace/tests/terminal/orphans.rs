//! Orphans: the first process of a container is the parent of what a command leaves behind, and waits for it.

use std::process::Command;

use serde_json::json;

use crate::support::{TestServer, until};

/// The processes that have ended and for which this one would have to wait.
fn zombies() -> Vec<String> {
    let me = std::process::id().to_string();
    let stats = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        (fields[0] == "Z" && fields[1] == me).then_some(stat.clone())
    });
    stats.collect()
}

/// The first process of a PID namespace, which runs commands.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn host() {
    assert_eq!(std::process::id(), 1);
    // A child of the host's own: nobody else may wait for it.
    let mut child = Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
    let server = TestServer::open();
    let mut client = server.connect();
    for id in 0..200 {
        let command = [
            "sleep 100 & echo hi",
            "(sleep 100 & sleep 100) & (exit 3) & echo hi",
        ];
        let pty = id % 3 == 0;
        client.execute(&json!({"command": command[id % 2], "id": id, "pty": pty}));
        client.expect("terminal:started");
        assert_eq!(client.receive_to_exit().text.trim_end(), "hi");
    }
    let left = zombies();
    assert!(left.len() <= 1, "besides the child: {left:?}");
    // A command that goes on.
    client.execute(&json!({"command": "(sleep 0.1 & echo $!); sleep 1000", "id": "on"}));
    client.expect("terminal:started");
    let orphan = client.receive_until("\n").trim().to_owned();
    let is_there = || std::path::Path::new("/proc").join(&orphan).exists();
    until("the orphan is waited for", || !is_there());
    // One that has left its session.
    let command = "(setsid sleep 0.5 & echo $!); sleep 1000";
    client.execute(&json!({"command": command, "id": "away"}));
    client.expect("terminal:started");
    let orphan = client.receive_until("\n").trim().to_owned();
    let is_there = || std::path::Path::new("/proc").join(&orphan).exists();
    until("it is waited for, too", || !is_there());
    assert_eq!(child.wait().unwrap().code(), Some(7));
    server.block_on(server.workspace.close());
    assert_eq!(zombies(), Vec::<String>::new());
    println!("nobody is left");
}

#[test]
fn the_first_process_of_a_container_waits_for_what_commands_leave_behind() {
    let flags = ["--pid", "--fork", "--mount-proc"];
    let tried = Command::new("unshare").args(flags).arg("true").status();
    if !tried.is_ok_and(|status| status.success()) {
        let test = "the_first_process_of_a_container_waits_for_what_commands_leave_behind";
        println!("SKIPPED: {test}: needs unshare, and the right to make a PID namespace (root)");
        return;
    }
    let output = Command::new("unshare")
        .args(flags)
        .arg(std::env::current_exe().unwrap())
        .args(["orphans::host", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("nobody is left"),
        "{said}{stderr}"
    );
}
