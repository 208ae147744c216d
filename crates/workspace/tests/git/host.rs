//! A host that is killed leaves no git behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::fixture::Fixture;
use crate::servers::silent;
use crate::support::{command_lines, until};

/// Says to this very binary that it is the host to be killed, and what it is to clone.
const HOST: &str = "LOOPWIRE_TEST_GIT_HOST";

/// A host whose git hangs.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn host() {
    let url = std::env::var(HOST).unwrap();
    let fixture = Fixture::new();
    let mut client = fixture.server.connect();
    let data = json!({"url": url, "targetDir": "a"});
    client.command("git:clone", &data);
    println!("dir {}", fixture.dir.path().display());
    std::thread::sleep(crate::support::TIMEOUT);
}

#[test]
fn a_host_that_is_killed_leaves_no_git() {
    let (listener, address) = silent();
    let url = format!("git://{address}/repo.git");
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["host::host", "--exact", "--ignored", "--nocapture"])
        .env(HOST, &url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (_connection, _) = listener.accept().unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap());
    let mut dir = String::new();
    while !dir.contains("dir ") {
        dir.clear();
        assert!(
            lines.read_line(&mut dir).unwrap() > 0,
            "the host ended early"
        );
    }
    std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
    let of_git = || command_lines(&url);
    assert!(!of_git().is_empty());
    host.kill().unwrap();
    host.wait().unwrap();
    until("all are gone", || of_git().is_empty());
    let (_, dir) = dir.trim_end().rsplit_once("dir ").unwrap();
    std::fs::remove_dir_all(dir).unwrap();
}
