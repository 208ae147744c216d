//! Commands in a pseudo console.

use loopwire_testing::skipped_under_wine;
use loopwire_workspace::{Exit, Spawn, Terminal};

use super::support::{Opened, TIMEOUT, child, text};

fn in_pty(opened: &Opened, command: &str) -> Terminal {
    let spawn = Spawn {
        command: Some(command.to_owned()),
        pty: true,
        cols: 60,
        rows: 20,
        ..Spawn::default()
    };
    opened.terminals().spawn(spawn).unwrap()
}

/// Reads until the screen has said the text, or has ended. Returns all that was read.
fn read_until(opened: &Opened, terminal: &Terminal, wanted: &str) -> String {
    let read = async {
        let (mut all, mut reader) = (Vec::new(), terminal.reader(None));
        while !text(&all).contains(wanted) {
            let Some(chunk) = reader.read().await else {
                break;
            };
            all.extend_from_slice(&chunk.bytes);
        }
        text(&all)
    };
    opened
        .runtime
        .block_on(async { tokio::time::timeout(TIMEOUT, read).await.unwrap() })
}

fn exit(opened: &Opened, terminal: &Terminal) -> Exit {
    opened.runtime.block_on(async {
        tokio::time::timeout(TIMEOUT, terminal.exit())
            .await
            .unwrap()
    })
}

fn assert_ended_by(exit: &Exit, signal: &str) {
    // It would be 4 if it had been answered.
    if skipped_under_wine("what is told to end by its console ends there with the code 0") {
        return assert_eq!(exit.code, Some(0));
    }
    assert_eq!((exit.code, exit.signal.as_deref()), (None, Some(signal)));
}

#[test]
fn what_a_command_writes_to_its_screen_comes_before_its_exit() {
    let opened = Opened::new();
    let terminal = in_pty(&opened, "echo on the screen>CON& exit 5");
    let all = read_until(&opened, &terminal, "no more than this");
    assert!(all.contains("on the screen"), "{all:?}");
    let exit = exit(&opened, &terminal);
    assert_eq!((exit.code, exit.reason), (Some(5), None));
}

#[test]
fn the_standard_output_of_a_command_is_its_screen() {
    if skipped_under_wine(
        "Wine leaves standard handles empty that are to be those of a pseudo console",
    ) {
        return;
    }
    let opened = Opened::new();
    let terminal = in_pty(&opened, "echo said aloud");
    let all = read_until(&opened, &terminal, "no more than this");
    assert!(all.contains("said aloud"), "{all:?}");
}

#[test]
fn what_is_typed_arrives_in_the_console() {
    let opened = Opened::new();
    let terminal = in_pty(&opened, &child("answers_in_its_console"));
    read_until(&opened, &terminal, "asks");
    terminal.write("typed\r".into()).unwrap();
    let all = read_until(&opened, &terminal, "heard typed");
    assert!(all.contains("heard typed"), "{all:?}");
    assert_eq!(exit(&opened, &terminal).code, Some(4));
}

#[test]
fn ctrl_c_ends_what_runs_in_the_console() {
    let opened = Opened::new();
    let terminal = in_pty(&opened, &child("answers_in_its_console"));
    read_until(&opened, &terminal, "asks");
    terminal.signal("SIGINT").unwrap();
    assert_ended_by(&exit(&opened, &terminal), "SIGINT");
}

#[test]
fn a_closed_console_ends_its_command() {
    let opened = Opened::new();
    let terminal = in_pty(&opened, &child("answers_in_its_console"));
    read_until(&opened, &terminal, "asks");
    terminal.signal("SIGHUP").unwrap();
    assert_ended_by(&exit(&opened, &terminal), "SIGHUP");
}
