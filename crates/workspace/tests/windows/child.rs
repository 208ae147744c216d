//! What runs as a command of a test. None of these is a test: they are started by name.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use super::support::{Opened, child, is_held, until};

const CREATE_NO_WINDOW: u32 = 0x0800_0000;
const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;

/// Holds the file that the variable names as long as it lives, for a minute at most.
#[test]
#[ignore = "a child"]
fn holds() {
    hold();
}

fn hold() {
    let file = std::env::var_os("HELD").unwrap();
    let mut options = std::fs::OpenOptions::new();
    let mut held = options
        .write(true)
        .create(true)
        .truncate(true)
        .share_mode(0)
        .open(file)
        .unwrap();
    held.write_all(b"held").unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

/// Starts the one above, and ends.
#[test]
#[ignore = "a child"]
fn leaves_one_behind() {
    start_another(CREATE_NO_WINDOW);
}

/// The same, in a way that leaves the job of a command.
#[test]
#[ignore = "a child"]
fn breaks_away() {
    start_another(CREATE_NO_WINDOW | CREATE_BREAKAWAY_FROM_JOB);
}

#[expect(clippy::zombie_processes, reason = "nobody waits for it")]
fn start_another(flags: u32) {
    let file = std::path::PathBuf::from(std::env::var_os("HELD").unwrap());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child::holds", "--exact", "--ignored", "--nocapture"]);
    command.creation_flags(flags).spawn().unwrap();
    until("the other one holds its file", || is_held(&file));
}

/// A host that is killed while it has a command.
#[test]
#[ignore = "a child"]
fn hosts() {
    let opened = Opened::new();
    let file = std::env::var("HELD").unwrap();
    let _ = opened.run_with(&child("holds"), "", &[("HELD", &file)]);
}

/// Puts out more than any pipe holds.
#[test]
#[ignore = "a child"]
fn says_a_lot() {
    let line = format!("{}\n", "x".repeat(99));
    let mut out = std::io::stdout().lock();
    for _ in 0..10_000 {
        out.write_all(line.as_bytes()).unwrap();
    }
    out.flush().unwrap();
    std::process::exit(7);
}

/// Puts out what it reads.
#[test]
#[ignore = "a child"]
fn repeats() {
    let mut out = std::io::stdout().lock();
    std::io::copy(&mut std::io::stdin().lock(), &mut out).unwrap();
    out.flush().unwrap();
    std::process::exit(0);
}

/// Asks in its console, and says there what it was answered.
#[test]
#[ignore = "a child"]
fn answers_in_its_console() {
    let open = |name| {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).open(name).unwrap()
    };
    let (input, mut screen) = (open("CONIN$"), open("CONOUT$"));
    screen.write_all(b"asks\r\n").unwrap();
    let mut line = String::new();
    let read = BufReader::new(input).read_line(&mut line);
    if read.is_err() || line.is_empty() {
        // Ctrl+C ends the reading, too, and perhaps before it ends this program.
        std::thread::sleep(Duration::from_secs(60));
    }
    let answer = format!("heard {}\r\n", line.trim_end());
    screen.write_all(answer.as_bytes()).unwrap();
    std::process::exit(4);
}
