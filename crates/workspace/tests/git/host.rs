//! A host that is killed leaves no git behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::endings::processes;
use crate::fixture::Fixture;
use crate::support::until;

/// Says to this very binary that it is the host to be killed, and what it is to clone.
const HOST: &str = "LOOPWIRE_TEST_GIT_HOST";

/// Not a test of its own: a host whose git hangs.
#[test]
fn host() {
    let Some(url) = std::env::var_os(HOST) else {
        return;
    };
    let fixture = Fixture::new();
    let mut client = fixture.server.connect();
    let data = json!({"url": url.to_str().unwrap(), "targetDir": "a"});
    client.command("git:clone", &data);
    println!("dir {}", fixture.dir.path().display());
    std::thread::sleep(crate::support::TIMEOUT);
}

#[test]
fn a_host_that_is_killed_leaves_no_git() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("git://{}/repo.git", listener.local_addr().unwrap());
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["host::host", "--exact", "--nocapture"])
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
    let of_git = || processes(&url);
    assert!(!of_git().is_empty());
    host.kill().unwrap();
    host.wait().unwrap();
    until("all are gone", || of_git().is_empty());
    let (_, dir) = dir.trim_end().rsplit_once("dir ").unwrap();
    std::fs::remove_dir_all(dir).unwrap();
}
