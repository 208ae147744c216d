//! What a command is given, and what comes back.

use loopwire_workspace::{Options, Spawn};

use super::support::{Opened, child, text};

#[test]
fn a_command_runs_in_the_root_and_tells_its_end() {
    let opened = Opened::new();
    std::fs::write(opened.path("there.txt"), "x").unwrap();
    let ran = opened
        .run("echo one & echo two 1>&2 & if exist there.txt exit 3")
        .unwrap();
    assert_eq!(text(&ran.stdout).trim_end(), "one");
    assert_eq!(text(&ran.stderr).trim_end(), "two");
    assert_eq!((ran.exit.code, ran.exit.signal), (Some(3), None));
}

#[test]
fn output_of_any_length_comes_whole_before_the_end() {
    let opened = Opened::new();
    let ran = opened.run(&child("says_a_lot")).unwrap();
    let lines = text(&ran.stdout);
    let whole = lines.lines().filter(|line| *line == "x".repeat(99)).count();
    assert_eq!(whole, 10_000);
    assert_eq!(ran.exit.code, Some(7));
}

#[test]
fn input_arrives_and_ends() {
    let opened = Opened::new();
    let input: String = (0..20_000)
        .map(|number| format!("line {number}\n"))
        .collect();
    let ran = opened.run_with(&child("repeats"), &input, &[]).unwrap();
    assert!(text(&ran.stdout).contains(&input));
}

#[test]
fn variables_are_found_by_any_case_and_the_last_one_wins() {
    let opened = Opened::new();
    let env = [("Loopwire_Test", "first"), ("LOOPWIRE_TEST", "second")];
    let ran = opened.run_with("echo %loopwire_test%", "", &env).unwrap();
    assert_eq!(text(&ran.stdout).trim_end(), "second");
}

#[test]
fn a_command_for_cmd_goes_there_as_it_stands() {
    let opened = Opened::new();
    let ran = opened.run(r#"echo "a b" "c""#).unwrap();
    assert_eq!(text(&ran.stdout).trim_end(), r#""a b" "c""#);
    let refused = opened.run("echo a\necho b").unwrap_err();
    assert_eq!(refused.code, "SPAWN_FAILED");
    assert!(
        refused.message.contains("line break"),
        "{}",
        refused.message
    );
}

#[test]
fn a_batch_file_that_is_the_shell_gets_a_command_that_is_not_carried_out() {
    let opened = Opened::with(|dir| {
        let script = dir.join("my shell.cmd");
        std::fs::write(&script, "@echo off\r\necho got %1\r\n").unwrap();
        Options {
            shell: Some(vec![script.to_str().unwrap().to_owned()]),
            ..Options::default()
        }
    });
    let ran = opened.run("\"&echo carried out&\"").unwrap();
    let said = text(&ran.stdout);
    assert!(said.starts_with("got "), "{said}");
    assert!(
        !said.lines().any(|line| line.starts_with("carried out")),
        "{said}"
    );
}

#[test]
fn a_program_of_the_workspace_does_not_take_the_place_of_one_in_path() {
    let opened = Opened::with(|dir| {
        std::fs::write(dir.join("onlyhere.cmd"), "@echo wrong\r\n").unwrap();
        Options {
            shell: Some(vec!["onlyhere".to_owned()]),
            ..Options::default()
        }
    });
    let refused = opened.run("x").unwrap_err();
    assert_eq!(refused.code, "SPAWN_FAILED");
}

#[test]
fn signals_without_a_meaning_have_a_named_error() {
    let opened = Opened::new();
    let spawn = Spawn {
        command: Some(child("repeats")),
        ..Spawn::default()
    };
    let terminal = opened.terminals().spawn(spawn).unwrap();
    opened.runtime.block_on(terminal.started()).unwrap();
    for name in ["SIGUSR1", "SIGINT", "SIGSTOP"] {
        let refused = terminal.signal(name).unwrap_err();
        assert_eq!(refused.code, "UNKNOWN_SIGNAL");
        assert!(refused.message.contains("SIGKILL, SIGTERM"));
    }
    terminal.signal("SIGTERM").unwrap();
    let exit = opened.runtime.block_on(terminal.exit());
    assert_eq!((exit.code, exit.signal.as_deref()), (None, Some("SIGTERM")));
}
