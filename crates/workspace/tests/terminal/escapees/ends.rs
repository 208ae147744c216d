//! Processes that have left the session of their command: they may outlive the command, but neither the workspace nor
//! this process.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use loopwire_workspace::{Options, Spawn};
use tempfile::TempDir;

use super::ways::{STAY, alive, escape, in_directory, number, prepare, wait_for, ways};
use crate::support::{TestServer, is_alive, until};

/// Says to this very binary that it is the host, and how it is to end.
const HOST: &str = "LOOPWIRE_TEST_ESCAPE_HOST";

/// Where the host's workspace is.
const ROOT: &str = "LOOPWIRE_TEST_ESCAPE_ROOT";

/// How many hosts are killed at random moments, by this variable.
const KILLS: &str = "LOOPWIRE_TEST_KILLS";

const VARIABLE: &str = "LOOPWIRE_TRACKING_ID";

/// Strangers that look like escapees: their marks are those of other workspaces.
struct Bystanders(Vec<Child>);

impl Bystanders {
    fn start() -> Self {
        let other = "1234567890123456789";
        let limit = format!("--locks={other}:unlimited");
        let mut commands = [
            Command::new("setsid"),
            Command::new("setsid"),
            Command::new("prlimit"),
            Command::new("sleep"),
        ];
        commands[0].args(["sleep", "1000"]).env(VARIABLE, other);
        commands[1].args(["sleep", "1000"]).env(VARIABLE, "");
        commands[2].args([limit.as_str(), "setsid", "sleep", "1000"]);
        commands[3].args(["1000"]).env("TERM", "xterm-256color");
        Self(commands.iter_mut().map(quiet).collect())
    }

    fn all_run(&mut self) -> bool {
        let mut all = self.0.iter_mut();
        all.all(|one| one.try_wait().unwrap().is_none())
    }
}

impl Drop for Bystanders {
    fn drop(&mut self) {
        for one in &mut self.0 {
            let _ = one.kill();
            let _ = one.wait();
        }
    }
}

/// Starts it without the streams of the test: whoever reads those waits for all of their holders.
fn quiet(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn who_has_left_the_session_outlives_the_command_and_not_the_workspace() {
    let mut bystanders = Bystanders::start();
    for ending in ["close", "kill"] {
        let server = TestServer::open();
        let other = TestServer::open();
        prepare(other.root());
        let escaped = escape(&server);
        assert!(escaped.len() >= 7, "{escaped:?}");
        let spawn = Spawn {
            command: Some(format!("(setsid {STAY}other &); {}", wait_for("other"))),
            ..Default::default()
        };
        other.terminals.spawn(spawn).unwrap();
        let neighbour = number(other.root(), "other");
        until("the commands have ended", || {
            server.terminals.running() <= 2
        });
        let names: Vec<_> = escaped.iter().map(|(name, _)| *name).collect();
        assert_eq!(alive(&escaped), names);
        let start = Instant::now();
        if ending == "close" {
            server.block_on(server.workspace.close());
            // What ignores SIGTERM had its two seconds.
            assert!(start.elapsed().as_secs() >= 2);
            assert_eq!(alive(&escaped), [""; 0]);
        } else {
            server.workspace.kill();
            assert!(start.elapsed().as_secs() < 2);
            until("all are gone", || alive(&escaped).is_empty());
        }
        assert!(is_alive(neighbour), "of another workspace");
        drop(other);
        until("it is gone, too", || !is_alive(neighbour));
    }
    assert!(bystanders.all_run());
}

/// A host whose commands have left their sessions.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn host() {
    let how = std::env::var_os(HOST).unwrap();
    let root = std::env::var_os(ROOT).unwrap();
    let server = TestServer::at(Path::new(&root), Options::default());
    if how == "hop" {
        hop(&server);
    } else if how == "few" {
        for at in 0..3 {
            let command = Some(format!("(env -i setsid {STAY}{at} &) ; setsid {STAY}{at}w"));
            let spawn = Spawn {
                command,
                ..Default::default()
            };
            server.terminals.spawn(spawn).unwrap();
        }
    } else {
        for (name, pid) in escape(&server) {
            println!("{name} escaped {pid}");
        }
    }
    println!("all started");
    match how.to_str() {
        Some("exit") => std::process::exit(0),
        Some("abort") => std::process::abort(),
        // The last owner goes without having closed it.
        Some("drop") => drop(server),
        _ => std::thread::sleep(crate::support::TIMEOUT),
    }
}

#[expect(
    clippy::zombie_processes,
    reason = "whoever gets the host waits for it"
)]
fn start(how: &str, root: &Path) -> (Child, Vec<(String, u64)>) {
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args([
            "escapees::ends::host",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(HOST, how)
        .env(ROOT, root)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut escaped = Vec::new();
    for line in BufReader::new(host.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains("all started") {
            return (host, escaped);
        }
        if let Some((name, pid)) = line.split_once(" escaped ") {
            escaped.push((name.to_owned(), pid.parse().unwrap()));
        }
    }
    panic!("the host ended early")
}

#[test]
fn who_has_left_the_session_does_not_outlive_the_host_however_that_ends() {
    let mut bystanders = Bystanders::start();
    for how in ["KILL", "TERM", "QUIT", "exit", "abort", "drop"] {
        let dir = TempDir::new().unwrap();
        let (mut host, escaped) = start(how, dir.path());
        let escaped: Vec<_> = escaped
            .iter()
            .map(|(name, pid)| (name.as_str(), *pid))
            .collect();
        assert!(escaped.len() >= 7, "{escaped:?}");
        if how.chars().all(char::is_uppercase) {
            let pid = host.id().to_string();
            Command::new("kill")
                .args(["-s", how, &pid])
                .status()
                .unwrap();
        }
        host.wait().unwrap();
        until("all are gone", || alive(&escaped).is_empty());
    }
    assert!(bystanders.all_run());
}

#[test]
fn hosts_that_are_killed_at_any_moment_leave_nobody() {
    let kills = std::env::var(KILLS).map_or(10, |kills| kills.parse::<u64>().unwrap());
    for kill in 0..kills {
        let dir = TempDir::new().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (mut host, _) = start("few", &root);
        // From "hardly started" to "all have got away".
        std::thread::sleep(Duration::from_micros(kill * 7919 % 30_000));
        host.kill().unwrap();
        host.wait().unwrap();
        until("all are gone", || in_directory(&root).is_empty());
    }
}

/// Starts a process that starts its successor, in a session of its own, and ends. Returns when it has got away.
fn hop(server: &TestServer) {
    let hop = "[ -z \"$1\" ] || : >away\nsetsid sh ./hop on &\n";
    server.write_file("hop", hop);
    let spawn = Spawn {
        command: Some(format!("sh hop; sh hop; sh hop; {}", wait_for("away"))),
        ..Default::default()
    };
    server.terminals.spawn(spawn).unwrap();
    until("it has got away", || server.terminals.running() == 0);
}

/// Whether nothing hops any more: it might be nowhere at one moment and go on in the next.
fn has_stopped(root: &Path) -> bool {
    let _ = std::fs::remove_file(root.join("away"));
    std::thread::sleep(Duration::from_millis(100));
    !root.join("away").exists() && in_directory(root).is_empty()
}

#[test]
fn a_process_that_starts_its_successor_and_ends_is_caught() {
    for ending in ["close", "kill", "drop", "KILL"] {
        let dir = TempDir::new().unwrap();
        let root = dir.path().canonicalize().unwrap();
        if ending == "KILL" {
            let (mut host, _) = start("hop", &root);
            assert!(!has_stopped(&root));
            host.kill().unwrap();
            host.wait().unwrap();
        } else {
            let server = TestServer::at(&root, Options::default());
            hop(&server);
            assert!(!has_stopped(&root));
            match ending {
                "close" => server.block_on(server.workspace.close()),
                "kill" => server.workspace.kill(),
                _ => drop(server),
            }
        }
        until(ending, || has_stopped(&root));
    }
}

/// The variable of a process.
fn marks(pid: u64) -> String {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let text = String::from_utf8_lossy(&environment).into_owned();
    let mut variables = text.split('\0');
    let value = variables.find_map(|one| one.strip_prefix(VARIABLE)?.strip_prefix('='));
    value.unwrap().to_owned()
}

#[test]
fn a_workspace_inside_of_a_command_ends_with_the_outer_one_and_leaves_that_alone() {
    for ending in ["inner", "close", "kill"] {
        let outer = TestServer::open();
        let inner_root = TempDir::new().unwrap();
        let command = format!(
            "(setsid {STAY}outer &); {}; {HOST}=wait {ROOT}={} exec {} escapees::ends::host --exact --ignored",
            wait_for("outer"),
            inner_root.path().display(),
            std::env::current_exe().unwrap().display()
        );
        let spawn = Spawn {
            command: Some(command),
            ..Default::default()
        };
        let host = outer.terminals.spawn(spawn).unwrap();
        let of_outer = number(outer.root(), "outer");
        let inner: Vec<_> = ways()
            .map(|(name, _)| (name, number(inner_root.path(), name)))
            .collect();
        let (outer_mark, inner_mark) = (marks(of_outer), marks(inner[0].1));
        assert!(
            inner_mark.starts_with(&format!("{outer_mark}:")),
            "{inner_mark}"
        );
        match ending {
            "inner" => {
                let pid = outer.block_on(host.started()).unwrap();
                let pid = pid.to_string();
                Command::new("kill").args(["-9", &pid]).status().unwrap();
            }
            "close" => outer.block_on(outer.workspace.close()),
            _ => outer.workspace.kill(),
        }
        until("all are gone", || alive(&inner).is_empty());
        assert_eq!(is_alive(of_outer), ending == "inner");
    }
}
