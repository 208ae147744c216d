//! Hostile and careless programs: lengths and options that nobody can mean, calls of threads that end, no descriptors left, and
//! ends of the runtime in the middle of everything.

#[path = "../support/mod.rs"]
mod support;

use support::{Folder, Program, free_row};

fn runs(source: &str, arguments: &[String]) {
    let Some(program) = Program::new(format!("hostile/{source}")).build() else {
        return;
    };
    let ended = program.run().args(arguments).succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
}

fn in_a_folder(source: &str, more: &[String]) {
    let folder = Folder::new();
    let path = folder.path().display().to_string();
    runs(source, &[&[path], more].concat());
}

#[test]
fn a_length_that_no_memory_has_is_refused() {
    in_a_folder("lengths.c", &[]);
}

#[test]
fn odd_options_are_refused_and_never_a_fault() {
    in_a_folder("options.c", &[]);
}

#[test]
fn a_thread_that_ends_may_still_call() {
    runs("ending_threads.c", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_without_descriptors_is_told_so() {
    in_a_folder("few_files.c", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_begins_while_a_runtime_ends_leaves_no_thread_and_no_port() {
    let arguments = [free_row(3).to_string(), "10".to_owned()];
    in_a_folder("races.c", &arguments);
}

#[test]
fn ends_and_starts_from_all_sides_leave_nobody_waiting() {
    runs("safe_exit.c", &["2".to_owned()]);
}

#[test]
fn every_kind_of_callback_may_free_what_calls_it() {
    runs("inside_free.c", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_without_threads_is_told_so() {
    in_a_folder("no_threads.c", &[]);
}
