//! Writes that are cut off: what was there stays, or what is new is there whole, and nothing else is left.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use loopwire_workspace::Options;
use serde_json::json;

use crate::support::{Client, TestServer, noise, piece, until};

#[test]
fn connections_cut_anywhere_in_a_write_leave_the_old_or_the_new() {
    let server = TestServer::open();
    let size = 300_000;
    let mut current = noise(size, 1);
    server.write_file("x", &current);
    for round in 0..200_u64 {
        let new = noise(size, round + 2);
        // From nothing at all to everything and no time to hear of it.
        let cut = usize::try_from(round * 7919 % 211).unwrap() * size / 210;
        let mut client = server.connect_binary();
        let stream = client.begin_upload("x", size);
        for (at, part) in new[..cut].chunks(64 << 10).enumerate() {
            client.send_piece(stream, at * (64 << 10), part);
        }
        if round % 2 == 0 {
            // Without a close frame, in the middle of a frame.
            let half = piece(stream, cut, &new[cut..]).into_data();
            let _ = std::io::Write::write_all(client.0.get_mut(), &half[..half.len() / 2]);
        }
        drop(client);
        until("it is over", || server.files.transfers() == 0);
        let found = server.read_file("x");
        assert!(
            found == current || (found == new && cut == size),
            "round {round}"
        );
        current = found;
        assert_eq!(server.names(), ["x"], "round {round}");
    }
}

#[test]
fn a_workspace_that_closes_gives_up_what_is_under_way() {
    let server = TestServer::open();
    server.write_file("x", "old");
    server.write_file("large", noise(32 << 20, 1));
    let (mut writer, mut reader) = (server.connect_binary(), server.connect_binary());
    let stream = writer.begin_upload("x", 100);
    writer.send_piece(stream, 0, b"new");
    reader.command("file:read", &json!({"path": "large"}));
    reader.expect("file:opened");
    server.block_on(server.files.close());
    assert_eq!(server.files.transfers(), 0);
    assert_eq!(writer.expect("error")["code"], "NO_WORKSPACE");
    while reader.next().is_binary() {}
    let write = json!({"path": "x", "content": "y"});
    assert_eq!(writer.refused("file:write", &write), "NO_WORKSPACE");
    assert!(server.block_on(server.files.read("x", 0, None)).is_err());
    assert_eq!(server.read_file("x"), b"old");
    assert_eq!(server.names(), ["large", "x"]);
}

/// The files beneath `root` that this process has open though they have no name any more, or never had one.
#[cfg(target_os = "linux")]
fn open_without_a_name(root: &std::path::Path) -> Vec<std::path::PathBuf> {
    let open = fs::read_dir("/proc/self/fd").unwrap();
    let targets = open.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    let unnamed = |target: &std::path::PathBuf| {
        target.starts_with(root) && target.to_string_lossy().ends_with(" (deleted)")
    };
    targets.filter(unnamed).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn a_write_that_the_end_of_the_workspace_cuts_off_is_refused_once_its_temporary_file_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let server = TestServer::at_with(&root, Options::default(), 1);
    let (mut writer, mut other) = (server.connect_binary(), server.connect());
    let stream = writer.begin_upload("x", 100);
    // The one thread that writes to the disk is busy, so the next piece waits for it, and the file with it.
    let (release, released) = std::sync::mpsc::channel::<()>();
    let handle = server.runtime.as_ref().unwrap().handle();
    handle.spawn_blocking(move || released.recv());
    writer.send_piece(stream, 0, b"new");
    for _ in 0..20 {
        assert!(other.answers_ping());
    }
    server.files.kill();
    thread::scope(|scope| {
        let told = scope.spawn(|| {
            let code = writer.expect("error")["code"].clone();
            (code, open_without_a_name(&root))
        });
        for _ in 0..20 {
            assert!(other.answers_ping());
        }
        release.send(()).unwrap();
        let (code, open) = told.join().unwrap();
        assert_eq!(code, "NO_WORKSPACE");
        assert_eq!(open, Vec::<std::path::PathBuf>::new());
    });
    assert_eq!(server.names(), Vec::<String>::new());
}

#[test]
fn whoever_hears_that_a_transfer_has_ended_may_begin_another() {
    let server = TestServer::open();
    server.write_file("x", "x");
    // One is free, of all and for this connection.
    let (mut client, mut other) = (server.connect_binary(), server.connect_binary());
    for at in 0..63 {
        let holder = if at < 31 { &mut client } else { &mut other };
        holder.begin_upload(&format!("open{at}"), 1);
    }
    for round in 0..8_000 {
        if round % 2 == 0 {
            assert_eq!(client.download(&json!({"path": "x"})), b"x");
        } else {
            let read = json!({"path": "none"});
            assert_eq!(client.refused("file:read", &read), "NOT_FOUND");
        }
    }
}

/// Says to a test of this file that it is the host that will be killed.
const HOST: &str = "LOOPWIRE_TEST_FILES_HOST";

#[test]
fn a_host_that_is_killed_leaves_the_old_or_the_new() {
    if let Ok(root) = std::env::var(HOST) {
        let server = TestServer::at(root.as_ref(), Options::default());
        println!("\nADDRESS {}", server.address());
        // Until it is killed, or whoever would do that is gone.
        let _ = std::io::stdin().lines().next();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (size, path) = (2 << 20, dir.path().join("x"));
    let mut current = noise(size, 1);
    fs::write(&path, &current).unwrap();
    for round in 0..12_u64 {
        let name = "endings::a_host_that_is_killed_leaves_the_old_or_the_new";
        let mut host = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(HOST, dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(host.stdout.take().unwrap()).lines();
        let address: SocketAddr = lines
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix("ADDRESS ")?.parse().ok())
            .unwrap();
        let new = noise(size, round + 2);
        let mut client = Client::connect(address, "&binary=true");
        let stream = client.begin_upload("x", size);
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_micros(round * 1500));
            host.kill().unwrap();
            host.wait().unwrap();
        });
        for (at, part) in new.chunks(64 << 10).enumerate() {
            if client.0.send(piece(stream, at * (64 << 10), part)).is_err() {
                break;
            }
        }
        let acknowledged = client.0.read().is_ok();
        killer.join().unwrap();
        let found = fs::read(&path).unwrap();
        assert!(
            found == new || (found == current && !acknowledged),
            "round {round}"
        );
        current = found;
    }
}

#[test]
fn a_full_disk_leaves_the_old_and_says_so() {
    let test = "a_full_disk_leaves_the_old_and_says_so";
    let dir = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "none"])
        .arg(dir.path())
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("SKIPPED: {test}: a small file system cannot be mounted here");
        return;
    }
    struct Mounted<'a>(&'a std::path::Path);
    impl Drop for Mounted<'_> {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(self.0).status();
        }
    }
    let mounted = Mounted(dir.path());
    let server = TestServer::at(dir.path(), Options::default());
    server.write_file("x", "old");
    let mut client = server.connect_binary();
    let stream = client.begin_upload("x", 3 << 20);
    let bytes = noise(3 << 20, 1);
    for (at, part) in bytes.chunks(256 << 10).enumerate() {
        client.send_piece(stream, at * (256 << 10), part);
    }
    assert_eq!(client.expect("error")["code"], "NO_SPACE");
    assert_eq!(server.read_file("x"), b"old");
    assert_eq!(server.names(), ["x"]);
    // What fits still does.
    client.upload("x", &bytes[..500_000], 100_000);
    assert!(server.read_file("x") == bytes[..500_000]);
    drop((client, server, mounted));
}

#[test]
fn nothing_outside_is_read_or_written_while_a_directory_is_swapped_for_a_link() {
    let server = TestServer::open();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x"), "secret").unwrap();
    fs::create_dir(server.path("real")).unwrap();
    server.write_file("real/x", "mine");
    symlink(outside.path(), server.path("link")).unwrap();
    let stop = AtomicBool::new(false);
    struct Stop<'a>(&'a AtomicBool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    thread::scope(|scope| {
        // Also if this thread panics: the other must not go on for ever.
        let stopping = Stop(&stop);
        let (real, link, flip) = (
            server.path("real"),
            server.path("link"),
            server.path("flip"),
        );
        let stop = &stop;
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                for one in [&real, &link] {
                    fs::rename(one, &flip).unwrap();
                    fs::rename(&flip, one).unwrap();
                }
            }
        });
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            if let Ok(bytes) = server.block_on(server.files.read("flip/x", 0, None)) {
                assert_eq!(bytes, b"mine");
            }
            let _ = server.block_on(
                server
                    .files
                    .write("flip/x", "mine".as_bytes().to_vec(), None),
            );
            let _ = server.block_on(server.files.write(
                "flip/new",
                "mine".as_bytes().to_vec(),
                None,
            ));
        }
        drop(stopping);
    });
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    assert_eq!(fs::read(outside.path().join("x")).unwrap(), b"secret");
}
