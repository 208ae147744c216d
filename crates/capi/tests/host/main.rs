//! The library as a guest in a program: symbols, signals, descriptors, `fork()`, the end of the process.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod header;
mod pack;
#[path = "../support/mod.rs"]
mod support;
mod symbols;

use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use support::{Folder, Program, Run, found, free_port, free_row};

fn program(name: &str) -> Program {
    Program::new(format!("host/{name}"))
}

/// A folder with a provider and a tree of a workspace, and ports: what `everything.h` asks for.
struct Place {
    folder: Folder,
    arguments: Vec<String>,
}

impl Place {
    fn new() -> Self {
        let folder = Folder::new();
        folder.write(
            "proxies.json",
            r#"[{"id": "straight", "protocol": "direct"}]"#,
        );
        std::fs::create_dir(folder.path().join("work")).unwrap();
        let ports = [free_port(), free_port(), free_row(4)];
        let path = folder.path().to_str().unwrap().to_owned();
        let arguments = [path].into_iter().chain(ports.map(|port| port.to_string()));
        let arguments = arguments.collect();
        Self { folder, arguments }
    }

    fn with(&self, run: Run) -> Run {
        assert!(self.folder.path().exists());
        run.args(&self.arguments)
    }
}

fn is_done(name: &str, more: &[&str]) {
    let Some(program) = program(name).build() else {
        return;
    };
    let place = Place::new();
    let ended = place.with(program.run()).args(more).succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
}

#[test]
fn the_hosts_signals_stay_its_own() {
    is_done("signals.c", &[]);
}

#[test]
fn a_signal_ends_a_host_that_waits() {
    let Some(program) = program("interrupted.c").build() else {
        return;
    };
    let mut running = program.run().start();
    running.says("inside");
    let id = i32::try_from(running.id()).unwrap();
    #[expect(unsafe_code, reason = "a signal for a child of ours")]
    // SAFETY: it has no conditions.
    unsafe {
        libc::kill(id, libc::SIGINT);
    }
    let ended = running.end();
    assert_eq!(
        ended.status.signal(),
        Some(libc::SIGINT),
        "{}",
        ended.told()
    );
}

#[test]
fn a_host_survives_all_who_go_away() {
    is_done("sigpipe.c", &[]);
}

#[test]
fn no_program_of_the_host_gets_a_descriptor() {
    is_done("descriptors.c", &[]);
}

#[test]
fn a_forked_child_is_refused_and_the_parent_goes_on() {
    let forks = std::env::var("LOOPWIRE_FORKS").unwrap_or_else(|_| "1000".to_owned());
    let functions = header::calls();
    let folder = Folder::new();
    folder.write("every_function.h", &functions);
    let include = format!("-I{}", folder.path().display());
    let Some(program) = program("fork.c").flag(&include).build() else {
        return;
    };
    let place = Place::new();
    let deadline = Duration::from_secs(600);
    let run = place.with(program.run()).arg(&forks).deadline(deadline);
    assert_eq!(run.succeeds().stdout, "done\n");
}

#[test]
fn a_host_may_end_while_everything_runs() {
    let Some(program) = program("exit.c").build() else {
        return;
    };
    for how in ["main", "thread", "callback"] {
        let place = Place::new();
        let ended = place.with(program.run()).arg(how).succeeds();
        let command = ended
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("command "));
        let Some(command) = command else { continue };
        let path = format!("/proc/{command}/cmdline");
        let begun = Instant::now();
        while std::fs::read_to_string(&path).is_ok_and(|line| line.contains("sleep")) {
            assert!(
                begun.elapsed() < support::process::STUCK,
                "{how}: the command runs on"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_program_may_load_the_library_and_unload_it() {
    if !found(&["gcc"]) {
        return;
    }
    let folder = Folder::new();
    let program = folder.path().join("program");
    // By itself: it knows neither the header nor the library when it is built.
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/host/loaded.c");
    let run = Run::new("gcc").args([
        "-std=gnu11",
        "-Wall",
        "-Wextra",
        "-Werror",
        source,
        "-ldl",
        "-o",
    ]);
    run.arg(&program).succeeds();
    let library = support::library().join("libloopwire.so");
    let run = Run::new(program)
        .arg(library)
        .arg(env!("CARGO_PKG_VERSION"));
    assert_eq!(run.succeeds().stdout, "done\n");
}
