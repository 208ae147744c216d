//! No process outlives its command, its workspace or its host.

use std::process::Command;

use loopwire_workspace::Spawn;

use super::support::{Opened, child, is_held, until};

#[test]
fn what_a_command_leaves_behind_ends_with_it() {
    let opened = Opened::new();
    let file = opened.path("held");
    let env = [("HELD", file.to_str().unwrap())];
    let ran = opened
        .run_with(&child("leaves_one_behind"), "", &env)
        .unwrap();
    assert_eq!(ran.exit.code, Some(0));
    assert!(!is_held(&file));
}

#[test]
fn a_signal_ends_all_of_a_command() {
    let opened = Opened::new();
    let file = opened.path("held");
    let spawn = Spawn {
        // cmd.exe is the command, and waits for its child.
        command: Some(format!("{} & echo behind", child("holds"))),
        env: vec![("HELD".to_owned(), file.to_str().unwrap().to_owned())],
        ..Spawn::default()
    };
    let terminal = opened.terminals().spawn(spawn).unwrap();
    until("the file is held", || is_held(&file));
    terminal.signal("SIGKILL").unwrap();
    let exit = opened.runtime.block_on(terminal.exit());
    assert_eq!((exit.code, exit.signal.as_deref()), (None, Some("SIGKILL")));
    assert!(!is_held(&file));
}

#[test]
fn what_breaks_away_from_a_command_ends_with_the_workspace() {
    let opened = Opened::new();
    let file = opened.path("held");
    let env = [("HELD", file.to_str().unwrap())];
    let ran = opened.run_with(&child("breaks_away"), "", &env).unwrap();
    assert_eq!(ran.exit.code, Some(0));
    assert!(is_held(&file), "who breaks away wants that");
    opened.close();
    assert!(!is_held(&file));
}

#[test]
fn closing_the_workspace_ends_its_commands() {
    let opened = Opened::new();
    let file = opened.path("held");
    let spawn = Spawn {
        command: Some(child("holds")),
        env: vec![("HELD".to_owned(), file.to_str().unwrap().to_owned())],
        ..Spawn::default()
    };
    let terminal = opened.terminals().spawn(spawn).unwrap();
    until("the file is held", || is_held(&file));
    opened.close();
    assert!(!is_held(&file));
    let exit = opened.runtime.block_on(terminal.exit());
    assert_eq!(exit.reason, Some("closed"));
    let again = opened.terminals().spawn(Spawn {
        command: Some("echo".to_owned()),
        ..Spawn::default()
    });
    assert_eq!(again.unwrap_err().code, "NO_WORKSPACE");
}

#[test]
fn no_command_outlives_a_host_that_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("held");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child::hosts", "--exact", "--ignored", "--nocapture"]);
    let mut host = command.env("HELD", &file).spawn().unwrap();
    until("the file is held", || is_held(&file));
    host.kill().unwrap();
    host.wait().unwrap();
    until("the command has ended", || !is_held(&file));
}
