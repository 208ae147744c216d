//! The program of `npm run bench:c` runs: every row, with a few events. Its figures are for `bench/run.cjs`.

#[path = "../support/mod.rs"]
mod support;

use loopwire_testing as _;
use support::Program;

/// Each row with its subjects, a count, and a key of what it prints.
const ROWS: [(&str, &[&str], &str, &str); 5] = [
    ("callback", &["deque", "ring", "loopwire"], "20000", "rate"),
    ("delivery", &["deque", "ring", "loopwire"], "20000", "rate"),
    ("lone", &["deque", "loopwire"], "20", "p50"),
    (
        "emit",
        &["deque", "ring", "loopwire", "alone"],
        "10000",
        "ns",
    ),
    ("calls", &["loopwire"], "200", "ports"),
];

#[test]
fn every_row_runs_and_loses_no_event() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/c/bench.c");
    let Some(program) = Program::new(source).build() else {
        return;
    };
    for (row, subjects, count, key) in ROWS {
        for subject in subjects {
            // It counts the bytes that came, and fails if any are missing.
            let ended = program.run().args([row, subject, count]).succeeds();
            let figure = format!("{{\"{key}\":");
            assert!(ended.stdout.starts_with(&figure), "{}", ended.told());
        }
    }
    let refused = program.run().args(["nothing", "loopwire", "1"]).end();
    assert!(!refused.status.success(), "{}", refused.told());
}
