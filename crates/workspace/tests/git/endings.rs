//! How operations end: exactly once, and with nothing left.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fixture::{Fixture, ended, write_program};
use crate::servers::silent;
use crate::support::{Client, command_lines, until};

/// Starts a clone that hangs, and waits until git has connected.
fn hanging(fixture: &Fixture, client: &mut Client, data: &Value) -> (TcpListener, String) {
    let (listener, address) = silent();
    let url = format!("git://{address}/repo.git");
    let mut data = data.clone();
    data["url"] = json!(url);
    client.command("git:clone", &data);
    let (mut connection, _) = listener.accept().unwrap();
    // It has sent its request: `.git` is there by now.
    connection.read_exact(&mut [0; 4]).unwrap();
    std::mem::forget(connection);
    until("it has begun", || {
        let target = data["targetDir"].as_str().unwrap();
        fixture.inside(target).join(".git").exists()
    });
    assert!(!command_lines(&url).is_empty());
    (listener, url)
}

#[test]
fn a_cancelled_clone_leaves_no_process_and_no_file() {
    let fixture = Fixture::new();
    let mut client = fixture.server.connect();
    let data = json!({"targetDir": "a/b", "id": 7});
    let (_listener, url) = hanging(&fixture, &mut client, &data);
    client.command("git:cancel", &json!({"id": 7}));
    let ended = ended(&mut client);
    assert_eq!(
        (ended.kind.as_str(), ended.code()),
        ("git:error", "CANCELLED")
    );
    assert_eq!(ended.data["id"], 7);
    assert!(command_lines(&url).is_empty());
    assert!(fixture.server.names().is_empty());
    assert!(client.answers_ping(), "nothing comes behind the end");
    assert_eq!(client.refused("git:cancel", &json!({"id": 7})), "GONE");
    assert_eq!(client.refused("git:cancel", &json!({})), "BAD_MESSAGE");
}

#[test]
fn a_git_that_is_killed_leaves_no_file_and_a_directory_that_was_there_stays() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.inside("mine")).unwrap();
    let mut client = fixture.server.connect();
    let (_listener, url) = hanging(&fixture, &mut client, &json!({"targetDir": "mine"}));
    for (pid, _) in command_lines(&url) {
        let _ = std::process::Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status();
    }
    let ended = ended(&mut client);
    assert_eq!(ended.code(), "GIT_FAILED");
    assert!(ended.data["message"].as_str().unwrap().contains("SIGKILL"));
    assert_eq!(fixture.server.names(), ["mine"]);
    assert_eq!(fs::read_dir(fixture.inside("mine")).unwrap().count(), 0);
}

#[test]
fn an_operation_ends_when_its_time_is_over() {
    let fixture = Fixture::new();
    let mut client = fixture.server.connect();
    let data = json!({"targetDir": "a", "timeoutMs": 1_500});
    let (_listener, url) = hanging(&fixture, &mut client, &data);
    assert_eq!(ended(&mut client).code(), "TIMED_OUT");
    assert!(command_lines(&url).is_empty());
    assert!(fixture.server.names().is_empty());
}

#[test]
fn closing_the_workspace_ends_what_runs_and_what_waits_once_each() {
    let fixture = Fixture::new();
    fixture.cloned("work");
    let mut client = fixture.server.connect();
    let (_listener, url) = hanging(
        &fixture,
        &mut client,
        &json!({"targetDir": "a", "id": "runs"}),
    );
    let workspace = fixture.server.workspace.clone();
    fixture.server.block_on(workspace.close());
    assert!(command_lines(&url).is_empty());
    assert!(!fixture.inside("a").exists());
    assert_eq!(ended(&mut client).code(), "CANCELLED");
    assert!(client.answers_ping());
    let refused = client.refused("git:fetch", &json!({"repoPath": "work"}));
    assert_eq!(refused, "NO_WORKSPACE");
    let ends = |event: &String| event.contains("git:error") || event.contains("git:complete");
    assert_eq!(
        fixture
            .server
            .events()
            .iter()
            .filter(|one| ends(one))
            .count(),
        1
    );
}

#[test]
fn an_operation_outlives_the_connection_that_has_started_it() {
    let fixture = Fixture::new();
    let mut client = fixture.server.connect();
    let (_listener, url) = hanging(&fixture, &mut client, &json!({"targetDir": "a", "id": 1}));
    let mut other = fixture.server.connect();
    client.disconnect();
    assert!(other.answers_ping());
    assert!(!command_lines(&url).is_empty());
    other.command("git:cancel", &json!({"id": 1}));
    assert_eq!(ended(&mut other).code(), "CANCELLED");
}

#[test]
fn nothing_that_git_has_started_outlives_it() {
    let fixture = Fixture::new();
    let work = fixture.cloned("work");
    // A hook leaves a process behind that holds git's output open.
    let hook = work.join(".git/hooks/pre-push");
    let mark = fixture.path("left-by-a-hook");
    let script = "#!/bin/sh\nsh -c 'touch \"$0\"; sleep 1000' MARK &\nwhile [ ! -e MARK ]; do sleep 0.02; done\n";
    write_program(&hook, &script.replace("MARK", mark.to_str().unwrap()));
    fixture.commit(&work, "x.txt", "x");
    let began = std::time::Instant::now();
    let ended = fixture.run("git:push", &json!({"repoPath": "work"}));
    assert_eq!(ended.kind, "git:complete", "{}", ended.data);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(mark.exists(), "it has run");
    assert!(command_lines(mark.to_str().unwrap()).is_empty());
}
