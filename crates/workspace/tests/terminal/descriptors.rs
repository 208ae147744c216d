//! Descriptors: a process that has none left refuses a command, or ends it as any other.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use loopwire_workspace::Spawn;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{TestServer, is_alive, members};

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

/// A process that runs commands with fewer and fewer descriptors.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn host() {
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
                assert_eq!(error.code, "TOO_MANY_OPEN_FILES", "{error:?}");
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
        .args(["descriptors::host", "--exact", "--ignored", "--nocapture"])
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

/// A process that cannot list others, and tells which one its command has left behind.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn blind_host() {
    let server = TestServer::open();
    let spawn = Spawn {
        command: Some("sleep 1000 & echo $!; trap 'exit 3' TERM; wait; wait".to_owned()),
        timeout: Some(Duration::from_millis(200)),
        ..Default::default()
    };
    let terminal = server.terminals.spawn(spawn).unwrap();
    let mut reader = terminal.reader(None);
    let chunk = server.block_on(reader.read()).unwrap();
    let exit = server.block_on(terminal.exit());
    assert_eq!(
        (exit.code, exit.reason),
        (Some(3), Some("timeout")),
        "{exit:?}"
    );
    println!("left {}", String::from_utf8_lossy(&chunk.bytes).trim());
    // Whoever started this process looks now.
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn a_command_ends_by_its_group_where_processes_cannot_be_listed() {
    let hide = "mount -t tmpfs none /proc && exec \"$0\" \"$@\"";
    let tried = Command::new("unshare")
        .args(["--mount", "sh", "-c", hide, "true"])
        .status();
    if !tried.is_ok_and(|status| status.success()) {
        let test = "a_command_ends_by_its_group_where_processes_cannot_be_listed";
        println!("SKIPPED: {test}: needs unshare, and the right to make a mount namespace (root)");
        return;
    }
    let mut host = Command::new("unshare")
        .args(["--mount", "sh", "-c", hide])
        .arg(std::env::current_exe().unwrap())
        .args([
            "descriptors::blind_host",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let mut pids = lines.filter_map(|line| Some(line.unwrap().split_once("left ")?.1.to_owned()));
    let left: u64 = pids.next().unwrap().parse().unwrap();
    assert!(!is_alive(left), "it runs on");
    drop(host.stdin.take());
    assert_eq!(pids.next(), None);
    assert!(host.wait().unwrap().success());
}
