//! Memory: Valgrind and the sanitizers over programs that use every function.

use std::thread;

use crate::support::{Built, Program, Run, World, found, free_row};

/// The functions of the SDK's page, those that take a runtime, and those of listeners and workspaces.
const PROGRAMS: [&str; 4] = [
    "programs/everything.c",
    "programs/handles.c",
    "programs/listener.c",
    "programs/workspace.c",
];

/// Runs all programs at once, each with the world that it needs.
fn run(flags: &[&str], run: impl Fn(&Built) -> Run + Sync) {
    if !found(&["gcc", "git"]) {
        return;
    }
    thread::scope(|scope| {
        for source in PROGRAMS {
            let run = &run;
            scope.spawn(move || {
                let program = flags
                    .iter()
                    .fold(Program::new(source), |program, flag| program.flag(flag));
                let program = program.build().expect("gcc");
                let world = World::new();
                let run = run(&program)
                    .arg(world.folder.path())
                    .arg(free_row(6).to_string());
                let ended = run.succeeds();
                assert_eq!(ended.stdout, "done\n", "{}", ended.told());
            });
        }
    });
}

#[test]
fn every_function_does_what_the_header_says() {
    run(&[], Built::run);
}

#[test]
fn valgrind_finds_no_error_and_no_lost_byte() {
    if !found(&["valgrind"]) {
        return;
    }
    let words = [
        "valgrind",
        "--error-exitcode=9",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite,indirect",
        "--show-leak-kinds=definite,indirect",
        // A thread that spins would keep all others from running, which run one at a time here.
        "--fair-sched=yes",
    ];
    run(&[], |program| program.run_under(words));
}

#[test]
fn the_sanitizers_find_no_error_and_no_leak() {
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    run(&flags, |program| {
        program
            .run()
            .env("ASAN_OPTIONS", "detect_leaks=1:exitcode=9")
            .env("UBSAN_OPTIONS", "print_stacktrace=1")
    });
}
