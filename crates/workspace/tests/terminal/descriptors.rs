//! Descriptors: a process that has none left refuses a command, or ends it as any other.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use loopwire_workspace::Spawn;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{TestServer, members};

/// Says to this very binary that it is the process without descriptors.
const HOST: &str = "LOOPWIRE_TEST_FULL";

/// More than the limit below.
const MANY: usize = 1_000;

/// Opens files until that fails, and then closes some.
fn fill(free: usize) -> Vec<File> {
    let mut open: Vec<_> = (0..MANY)
        .map_while(|_| File::open("/dev/null").ok())
        .collect();
    assert!(open.len() < MANY);
    open.truncate(open.len().saturating_sub(free));
    open
}

/// Not a test of its own: a process that runs commands with fewer and fewer descriptors.
#[test]
fn host() {
    if std::env::var_os(HOST).is_none() {
        return;
    }
    let _ordered = loopwire_testing::ordered("Too many open files");
    let server = TestServer::open();
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(80),
            maximum: most,
        },
    )
    .unwrap();
    let sleep = || Spawn {
        command: Some("sleep 1; echo late > late".to_owned()),
        timeout: Some(Duration::from_millis(200)),
        ..Default::default()
    };
    let (mut refused, mut ran) = (0, 0);
    for free in 0..24 {
        let before = fill(free);
        let terminal = server.terminals.spawn(sleep()).unwrap();
        let started = server.block_on(terminal.started());
        // None at all while it is ended.
        let after = fill(0);
        let exit = server.block_on(terminal.exit());
        drop((before, after));
        match started {
            Ok(session) => {
                assert_eq!(members(&[session.into()]), [0_u64; 0], "{free}: it runs on");
                assert_eq!(
                    (exit.signal.as_deref(), exit.reason),
                    (Some("SIGTERM"), Some("timeout")),
                    "{free}"
                );
                ran += 1;
            }
            Err(error) => {
                assert!(
                    ["SPAWN_FAILED", "IO_ERROR"].contains(&&*error.code),
                    "{error:?}"
                );
                if error.code == "SPAWN_FAILED" {
                    assert!(
                        error.message.contains("no file descriptor left"),
                        "{error:?}"
                    );
                }
                refused += 1;
            }
        }
        assert_eq!(server.names(), [""; 0], "{free}: it wrote after its end");
    }
    assert!(refused > 0 && ran > 0, "{refused} {ran}");
    println!("all ended");
}

#[test]
fn a_command_is_refused_or_ended_where_no_descriptor_is_left() {
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["descriptors::host", "--exact", "--nocapture"])
        .env(HOST, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    host.stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(host.wait().unwrap().success(), "{said}");
    assert!(said.contains("all ended"), "{said}");
}
