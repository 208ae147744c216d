//! Ways in which a process leaves the session of its command.

use std::path::Path;

use loopwire_workspace::Spawn;

use crate::support::{TestServer, is_alive, processes, until};

/// What tells its number to the test, and stays.
pub(crate) const STAY: &str = r#"sh -c 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec sleep 1000' "#;

/// How to get away: a name, the program that it needs, and the command, where `STAY name` stands for what stays.
const WAYS: [(&str, &str, &str); 12] = [
    ("plain", "setsid", "setsid STAY"),
    ("background", "setsid", "(setsid STAY &)"),
    ("nohup", "nohup", "nohup setsid STAY >/dev/null 2>&1 &"),
    (
        "cleared",
        "setsid",
        r#"(env -i PATH="$PATH" setsid STAY &)"#,
    ),
    (
        "unset",
        "setsid",
        "unset LOOPWIRE_TRACKING_ID; setsid STAY &",
    ),
    ("fork", "setsid", "setsid --fork STAY"),
    (
        "python",
        "python3",
        r#"python3 -c 'import os, sys
if os.fork(): sys.exit()
os.setsid()
if os.fork(): sys.exit()
for fd in range(3): os.close(fd)
open("python.new", "w").write(str(os.getpid())); os.rename("python.new", "python")
os.execvpe("sleep", ["sleep", "1000"], {})'"#,
    ),
    (
        "title",
        "perl",
        // As nginx and Redis do it: the title goes over the environment.
        r#"perl -e 'use POSIX; fork and exit; POSIX::setsid(); fork and exit;
$0 = "x" x 100000; $SIG{HUP} = "IGNORE";
open F, ">", "title.new"; print F $$; close F; rename "title.new", "title"; sleep 1000'"#,
    ),
    (
        "stubborn",
        "setsid",
        r#"setsid sh -c 'trap "" TERM HUP INT; echo $$ >stubborn.new; mv stubborn.new stubborn; while :; do sleep 0.2; done' &"#,
    ),
    (
        "stopped",
        "setsid",
        "setsid sh -c 'echo $$ >stopped.new; mv stopped.new stopped; kill -STOP $$' &",
    ),
    (
        "terminal",
        "script",
        "setsid script -qec 'exec STAY' /dev/null </dev/null >/dev/null 2>&1 &",
    ),
    (
        "server",
        "tmux",
        "tmux -L loopwire-test-$$ -f /dev/null new-session -d 'exec STAY'",
    ),
];

/// Those that can be tried here. Each command goes on until its escapee has told its number: before that it may still be
/// in the session, and end with it.
pub(crate) fn ways() -> impl Iterator<Item = (&'static str, String)> {
    let there = |program: &str| {
        let path = std::env::var_os("PATH").unwrap();
        std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
    };
    let found = WAYS.iter().filter(move |(_, program, _)| there(program));
    found.map(|(name, _, command)| {
        let quoted = command.contains('\'') && command.contains("STAY");
        let stay = if quoted {
            // Inside of quotes already.
            format!("sh ./stay {name}")
        } else {
            format!("{STAY}{name}")
        };
        let command = command.replace("STAY", &stay);
        (*name, format!("{command}\n{}", wait_for(name)))
    })
}

/// A command that waits for a file.
pub(crate) fn wait_for(name: &str) -> String {
    format!("while [ ! -e {name} ]; do sleep 0.02; done")
}

/// What the ways need in the workspace.
pub(crate) fn prepare(root: &Path) {
    let stay = "echo $$ >\"$1.new\"; mv \"$1.new\" \"$1\"; exec sleep 1000\n";
    std::fs::write(root.join("stay"), stay).unwrap();
}

/// The number that an escapee has written.
pub(crate) fn number(root: &Path, name: &str) -> u64 {
    let path = root.join(name);
    until(name, || path.exists());
    std::fs::read_to_string(path)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

/// Starts all ways, and waits for their commands to end and their escapees to stay.
pub(crate) fn escape(server: &TestServer) -> Vec<(&'static str, u64)> {
    prepare(server.root());
    let started: Vec<_> = ways()
        .enumerate()
        .map(|(at, (name, command))| {
            let spawn = Spawn {
                command: Some(command),
                pty: at % 2 == 0,
                ..Default::default()
            };
            (name, server.terminals.spawn(spawn).unwrap())
        })
        .collect();
    let escaped = started
        .iter()
        .map(|(name, _)| (*name, number(server.root(), name)));
    escaped.collect()
}

/// Those that are alive.
pub(crate) fn alive<'a>(escaped: &[(&'a str, u64)]) -> Vec<&'a str> {
    let left = escaped.iter().filter(|(_, pid)| is_alive(*pid));
    left.map(|(name, _)| *name).collect()
}

/// The processes that have something to do with a directory.
pub(crate) fn in_directory(root: &Path) -> Vec<u64> {
    let works_there = |pid: &u64| {
        std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(root))
    };
    processes()
        .filter(works_there)
        .filter(|pid| is_alive(*pid))
        .collect()
}
