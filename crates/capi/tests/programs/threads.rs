//! Many threads at once.

use crate::support::{Program, World, free_row, size};

/// `LOOPWIRE_C_CALLS`: how many calls each of the 16 threads makes.
const CALLS: u32 = 400;

#[test]
fn sixteen_threads_call_everything_at_once() {
    let Some(program) = Program::new("programs/threads.c").build() else {
        return;
    };
    let world = World::new();
    let calls = size("LOOPWIRE_C_CALLS", CALLS);
    let ended = program
        .run()
        .arg(world.folder.path())
        .arg(free_row(6).to_string())
        .arg(calls.to_string())
        .succeeds();
    let all = format!("{} calls, ", calls * 16);
    assert!(ended.stdout.starts_with(&all), "{}", ended.told());
    println!("{}", ended.stdout);
}
