//! That panics and faults are seen, each in a process of its own: it is to fail.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::env;
use std::panic::catch_unwind;
use std::process::{Command, Output};
use std::thread;

use loopwire_testing::{Watch, ordered, test_name};

/// Set in the processes that [`alone`] starts.
const INSIDE: &str = "LOOPWIRE_TEST_INSIDE";

/// Runs one test of this binary in a process of its own.
fn alone(test: &str) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=2"])
        .env(INSIDE, "1")
        .output()
        .unwrap()
}

/// Whether this is such a process. The tests of this name do nothing elsewhere.
fn inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// A panic of a thread that nobody waits for in earnest.
fn panic_elsewhere(name: &str, text: &'static str) {
    let thread = thread::Builder::new().name(name.to_owned());
    let thread = thread.spawn(move || panic!("{text}")).unwrap();
    assert!(thread.join().is_err());
}

fn fault() {
    let (component, code) = ("part", "ERR_PANIC");
    tracing::error!(component, code, reason = "it broke", "fault");
}

#[test]
fn inside_a_thread_panics() {
    if inside() {
        panic_elsewhere("loopwire", "nobody waits for this");
    }
}

#[test]
fn a_panic_in_any_thread_fails_the_binary_and_is_named() {
    let output = alone("inside_a_thread_panics");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{said}");
    let named = said.contains("NOT ORDERED: loopwire: panicked at crates/testing/tests/sees.rs");
    assert!(
        named && said.contains(": nobody waits for this\n"),
        "{said}"
    );
}

#[test]
fn inside_a_caught_panic() {
    if inside() {
        assert!(catch_unwind(|| panic!("it is caught")).is_err());
    }
}

#[test]
fn a_panic_that_is_caught_fails_the_binary_as_well() {
    let output = alone("inside_a_caught_panic");
    assert_eq!(output.status.code(), Some(101));
}

#[test]
fn inside_a_fault() {
    if inside() {
        fault();
    }
}

#[test]
fn a_fault_fails_the_binary_and_is_named() {
    let output = alone("inside_a_fault");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{said}");
    let named = r#"NOT ORDERED: inside_a_fault: fault component="part" code="ERR_PANIC""#;
    assert!(said.contains(named), "{said}");
}

#[test]
fn inside_a_watch() {
    if inside() {
        let _watch = Watch::new();
        panic_elsewhere("another_test", "of another");
        panic_elsewhere(&test_name(), "of this one");
    }
}

#[test]
fn a_watch_fails_the_test_that_a_panic_belongs_to() {
    let output = alone("inside_a_watch");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("test inside_a_watch ... FAILED"), "{said}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("not ordered: inside_a_watch: panicked"),
        "{said}"
    );
    assert!(
        said.contains("NOT ORDERED: another_test: panicked"),
        "{said}"
    );
}

#[test]
fn what_is_ordered_fails_nothing() {
    let _watch = Watch::new();
    let _panic = ordered("as it was ordered");
    let _fault = ordered("it broke");
    panic_elsewhere(&test_name(), "a panic, as it was ordered");
    fault();
}
