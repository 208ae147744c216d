//! Tests of the guardian's script: which numbers it would kill.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::SCRIPT;

/// What the script would kill after these lines. A shell function replaces the command `kill`.
fn killed(lines: &str) -> String {
    let mut guardian = Command::new("/bin/sh")
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
