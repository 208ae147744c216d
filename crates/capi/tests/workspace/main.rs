//! The workspace in C: programs with real commands, a real git, real files. What is handed out as JSON is compared with
//! `binding.d.ts`.

#[path = "../support/mod.rs"]
mod support;

mod servers;
mod shapes;

use shapes::Shapes;
use support::{Built, Folder, Language, Linking, Program, found};

fn built(source: &str) -> Option<Built> {
    Program::new(format!("workspace/{source}")).build()
}

#[test]
fn commands_run_in_terminals_and_to_their_end_and_files_are_read_and_written() {
    let Some(program) = built("commands.c") else {
        return;
    };
    let folder = Folder::new();
    let ended = program.run().arg(folder.path()).succeeds();
    Shapes::read().compare(&ended.stdout, &["TerminalExit", "Written"]);
}

#[test]
fn the_same_holds_for_cxx_and_the_static_library() {
    let program = Program::new("workspace/commands.c");
    let variant = ("clang", Language::Cxx17, Linking::Static);
    let Some(program) = program.variant(variant).build() else {
        return;
    };
    let folder = Folder::new();
    program.run().arg(folder.path()).succeeds();
}

#[test]
fn a_watch_tells_of_changes_until_it_or_its_workspace_is_closed() {
    let Some(program) = built("watch.c") else {
        return;
    };
    let folder = Folder::new();
    let ended = program.run().arg(folder.path()).succeeds();
    Shapes::read().compare(&ended.stdout, &["FileChange", "WatchReady"]);
}

#[test]
fn git_operations_tell_how_far_they_are_and_ask_for_credentials() {
    if !found(&["git"]) {
        return;
    }
    let Some(program) = built("git.c") else {
        return;
    };
    let (folder, home) = (Folder::new(), Folder::new());
    let asking = servers::asking().to_string();
    let silent = servers::silent().to_string();
    let run = program.run().arg(folder.path()).arg(asking).arg(silent);
    let ended = isolated(run, &home).succeeds();
    let all = ["GitProgressInfo", "GitQuestion", "GitResult"];
    Shapes::read().compare(&ended.stdout, &all);
}

#[test]
fn snapshots_are_taken_compared_restored_and_deleted() {
    if !found(&["git"]) {
        return;
    }
    let Some(program) = built("snapshots.c") else {
        return;
    };
    let (folder, store) = (Folder::new(), Folder::new());
    let ended = program.run().arg(folder.path()).arg(store.path());
    let ended = ended.succeeds();
    let all = [
        "SnapshotChange",
        "SnapshotCreated",
        "SnapshotDiff",
        "SnapshotInfo",
        "SnapshotProgress",
        "SnapshotRestored",
        "SnapshotSkipped",
    ];
    Shapes::read().compare(&ended.stdout, &all);
}

#[test]
fn threads_that_wait_are_let_go_when_everything_ends() {
    if !found(&["git"]) {
        return;
    }
    let Some(program) = built("ending.c") else {
        return;
    };
    for how in ["shutdown", "free", "close"] {
        let folder = Folder::new();
        let silent = servers::silent().to_string();
        program
            .run()
            .arg(folder.path())
            .arg(silent)
            .arg(how)
            .succeeds();
    }
}

#[test]
fn a_workspace_can_be_used_and_closed_inside_a_callback() {
    if !found(&["git"]) {
        return;
    }
    let Some(program) = built("inside.c") else {
        return;
    };
    let (folder, store) = (Folder::new(), Folder::new());
    program
        .run()
        .arg(folder.path())
        .arg(store.path())
        .succeeds();
}

/// Without the configuration of git of whoever runs the tests.
fn isolated(run: support::Run, home: &Folder) -> support::Run {
    run.env("HOME", home.path()).env("GIT_CONFIG_NOSYSTEM", "1")
}
