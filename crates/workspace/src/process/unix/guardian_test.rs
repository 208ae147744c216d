//! Tests of the guardian: which numbers its script would kill, and what becomes of one that does not read.

use std::io::Write as _;
use std::process::{Command, Stdio};

#[cfg(target_os = "linux")]
use super::Guardian;
use super::SCRIPT;

/// What the script would kill after these lines.
fn killed(lines: &str) -> String {
    killed_by(Command::new("/bin/sh"), lines)
}

/// The same, in a shell that is started so. A shell function replaces the command `kill`.
fn killed_by(mut shell: Command, lines: &str) -> String {
    let mut guardian = shell
        .args(["-c", &format!("kill() {{ echo \"$*\"; }}\n{SCRIPT}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = guardian.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    let output = guardian.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_guardian_kills_the_sessions_that_have_not_ended() {
    // No process has such a number.
    let lines = "+2000000001\n+2000000002\n+2000000003\n-2000000002\n";
    assert_eq!(
        killed(lines),
        "-s KILL -- -2000000001\n-s KILL -- -2000000003\n"
    );
    assert_eq!(killed("+2000000001\nq\n"), "");
}

#[test]
fn the_guardian_takes_no_number_that_stands_for_more_than_one_session() {
    for line in ["+1", "+0", "+", "+-1", "+ 1", "+1 1", "+01", "+2x", "+*"] {
        assert_eq!(killed(&format!("{line}\n")), "", "{line}");
    }
}

/// A process of the test that is ended with it.
#[cfg(target_os = "linux")]
struct Stranger(std::process::Child);

#[cfg(target_os = "linux")]
impl Stranger {
    /// With this soft limit of file locks, and this environment.
    fn start(limit: Option<&str>, variable: &str) -> Self {
        let mut command = Command::new("setsid");
        if let Some(limit) = limit {
            command.args(["prlimit", &format!("--locks={limit}:")]);
        }
        command
            .args(["sleep", "600"])
            .env("LOOPWIRE_TRACKING_ID", variable);
        let child = command.spawn().unwrap();
        let stranger = Self(child);
        let stat = format!("/proc/{}/stat", stranger.0.id());
        let sleeps = || std::fs::read_to_string(&stat).unwrap().contains("(sleep)");
        while !sleeps() {
            std::thread::yield_now();
        }
        stranger
    }

    fn line(&self) -> String {
        format!("-s KILL {}\n", self.0.id())
    }
}

#[cfg(target_os = "linux")]
impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The script looks again as long as it kills, and here nobody dies of it.
#[cfg(target_os = "linux")]
fn marked(lines: &str) -> String {
    let all = killed(lines);
    let mut once: Vec<_> = all.lines().collect();
    once.sort_unstable();
    once.dedup();
    once.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn the_guardian_kills_what_has_the_mark_and_nobody_else() {
    let (own, other) = ("4300000000000000001", "4300000000000000002");
    let by_limit = Stranger::start(Some(own), "");
    let nested = Stranger::start(Some(other), &format!("{own}:{other}"));
    let _another = Stranger::start(Some(other), other);
    // The limit says that it is none of ours, whatever an application has copied.
    let copied = Stranger::start(None, own);
    let mut two = [by_limit.line(), nested.line()];
    two.sort();
    let usual = crate::process::unix::tracking::TrackingId::default().lines();
    let usual = usual.lines().nth(1).unwrap();
    assert_eq!(marked(&format!("m{own}\n{usual}\n")), two.concat());
    // Where no limit can be set, the environment alone tells.
    let mut three = [by_limit.line(), nested.line(), copied.line()];
    three.sort();
    assert_eq!(marked(&format!("m{own}\n")), three.concat());
    for lines in [
        "m4300000000000000003\n".to_owned(),
        "m\n".to_owned(),
        "m*\n".to_owned(),
        "m0\n".to_owned(),
        format!("m{own}0\n"),
        format!("m{own}\nq\n"),
    ] {
        assert_eq!(killed(&lines), "", "{lines}");
    }
}

/// Stops the guardian, or lets it go on.
#[cfg(target_os = "linux")]
fn send(guardian: &Guardian, signal: &str) -> u32 {
    let pid = guardian.pid().unwrap();
    let words = ["-s", signal, &pid.to_string()];
    assert!(Command::new("kill").args(words).status().unwrap().success());
    pid
}

#[cfg(target_os = "linux")]
fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

#[cfg(target_os = "linux")]
fn stop(guardian: &Guardian) -> u32 {
    let pid = send(guardian, "STOP");
    while state(pid) != Some('T') {
        std::thread::yield_now();
    }
    pid
}

#[cfg(target_os = "linux")]
fn plan() -> crate::process::Plan {
    crate::process::Plan {
        argv: vec!["true".into()],
        directory: "/".into(),
        env: Vec::new(),
        variables: Vec::new(),
        size: None,
        input: false,
    }
}

/// Starts a command that the test itself waits for.
#[cfg(target_os = "linux")]
fn start(guardian: &std::sync::Arc<Guardian>) -> crate::process::SessionId {
    let started = crate::process::start(&plan(), guardian).unwrap();
    let session = started.reaper.session();
    // Otherwise it would be killed and waited for here.
    std::mem::forget(started.reaper);
    session
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_guardian_that_is_stopped_is_replaced_by_the_next_command() {
    let guardian = std::sync::Arc::<Guardian>::default();
    drop(guardian.ensure_running().unwrap());
    let stopped = stop(&guardian);
    let started = start(&guardian);
    assert_ne!(guardian.pid(), Some(stopped));
    // It must not go on: it would kill what it knew.
    assert_eq!(state(stopped), None);
    guardian.kill();
    guardian.reap(started);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_guardian_that_does_not_read_holds_up_no_command_and_is_replaced() {
    let guardian = std::sync::Arc::<Guardian>::default();
    for at in ["start", "end"] {
        let started = start(&guardian);
        let permit = guardian.ensure_running().unwrap();
        let full = stop(&guardian);
        let pipe = permit.pipe().unwrap();
        while rustix::io::write(pipe, b"\n").is_ok() {}
        if at == "start" {
            // As for a command that is already being started.
            let error = super::send_own_line(pipe).unwrap_err();
            assert!(super::is_lost(&error), "{error}");
            drop(permit);
            let second = start(&guardian);
            end(&guardian, second);
        } else {
            drop(permit);
        }
        end(&guardian, started);
        assert_ne!(guardian.pid(), Some(full), "{at}");
        assert_eq!(state(full), None, "{at}");
        drop(guardian.ensure_running().unwrap());
    }
    guardian.kill();
}

/// Waits for a command, and has it forgotten.
#[cfg(target_os = "linux")]
fn end(guardian: &Guardian, session: crate::process::SessionId) {
    while matches!(guardian.reap(session), super::Leader::Runs) {
        std::thread::yield_now();
    }
}

/// In a container whose `/proc` is that of its host, the numbers there belong to other processes.
#[cfg(target_os = "linux")]
#[test]
fn the_guardian_kills_nobody_by_the_numbers_of_another_pid_namespace() {
    let unshared = || {
        let mut shell = Command::new("unshare");
        shell.args(["--user", "--map-root-user", "--pid", "--fork", "/bin/sh"]);
        shell
    };
    let may = unshared()
        .args(["-c", "exit"])
        .stderr(Stdio::null())
        .status();
    if !may.is_ok_and(|status| status.success()) {
        println!(
            "SKIPPED: the_guardian_kills_nobody_by_the_numbers_of_another_pid_namespace: unshare"
        );
        return;
    }
    let mut stranger = Command::new("setsid");
    let mut stranger = stranger.args(["sleep", "600"]).spawn().unwrap();
    let number = stranger.id();
    let stat = format!("/proc/{number}/stat");
    let leads = || std::fs::read_to_string(&stat).unwrap().contains("(sleep)");
    while !leads() {
        std::thread::yield_now();
    }
    let found = killed_by(unshared(), &format!("+{number}\n"));
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    assert_eq!(found, format!("-s KILL -- -{number}\n"));
}
