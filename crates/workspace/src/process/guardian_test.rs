//! Tests of the guardian's script: which numbers it would kill.

use std::io::Write as _;
use std::process::{Command, Stdio};

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
