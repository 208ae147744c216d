//! Calls and stops inside the callback.

use crate::support::{Program, free_row};

fn inside(what: &str) {
    let Some(program) = Program::new("programs/inside.c").build() else {
        return;
    };
    let run = program.run().arg(what).arg(free_row(3).to_string());
    let ended = run.succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
}

#[test]
fn calls_inside_the_callback_work() {
    inside("calls");
}

#[test]
fn events_that_a_callback_makes_never_wait_for_it() {
    inside("many");
}

#[test]
fn a_callback_may_stop_itself() {
    inside("stop");
}

#[test]
fn a_callback_may_put_another_in_its_place() {
    inside("replace");
}

#[test]
fn a_callback_may_call_safe_exit() {
    inside("exit");
}

#[test]
fn a_callback_may_start_everything_again() {
    inside("restart");
}
