//! Callbacks of C: what they get, when they are not called any more, and what may be called inside of them.

#[path = "../support/mod.rs"]
mod support;

use support::Program;

fn runs(source: &str) {
    let Some(program) = Program::new(format!("callbacks/{source}")).build() else {
        return;
    };
    let ended = program.run().succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
}

#[test]
fn every_event_comes_once_and_in_order() {
    runs("order.c");
}

#[test]
fn another_callback_goes_on_where_the_one_before_stopped() {
    runs("replace.c");
}

#[test]
fn stopping_waits_outside_of_a_callback_and_never_inside() {
    runs("stop.c");
}

#[test]
fn a_callback_that_does_not_return_holds_nothing_else_up() {
    runs("slow.c");
}

#[test]
fn calls_inside_a_callback_that_is_far_behind_do_not_hang() {
    runs("behind.c");
}
