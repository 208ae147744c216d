//! Starts and stops leave nothing behind.

use crate::support::{Program, free_port, size};

/// `LOOPWIRE_C_CYCLES`: how many.
const CYCLES: u32 = 1_000;

fn cycles(what: &str) {
    let Some(program) = Program::new("programs/cycles.c").build() else {
        return;
    };
    let count = size("LOOPWIRE_C_CYCLES", CYCLES);
    let ended = program
        .run()
        .arg(what)
        .arg(free_port().to_string())
        .arg(count.to_string())
        .succeeds();
    println!("{what}: {}", ended.stdout);
}

#[test]
fn a_channel_that_starts_and_stops_a_thousand_times_leaves_nothing() {
    cycles("channel");
}

#[test]
fn an_engine_that_starts_and_ends_a_thousand_times_leaves_nothing() {
    cycles("engine");
}
