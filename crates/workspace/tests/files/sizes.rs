//! Files that do not say how large they are, as the kernel makes them up: they are read to their end.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use loopwire_workspace::Options;
use serde_json::json;

use crate::support::TestServer;

/// One file of `/proc`, and what is in it. It says that it has no bytes.
fn in_proc() -> (&'static str, Vec<u8>) {
    let bytes = fs::read("/proc/filesystems").unwrap();
    assert_eq!(fs::metadata("/proc/filesystems").unwrap().len(), 0);
    ("filesystems", bytes)
}

/// One file of `/sys`, and what is in it. It says that it has a page of bytes.
fn in_sys() -> Option<(&'static str, Vec<u8>)> {
    let known = [
        "kernel/mm/transparent_hugepage/enabled",
        "kernel/uevent_seqnum",
        "kernel/profiling",
        "kernel/fscaps",
    ];
    known.into_iter().find_map(|name| {
        let path = Path::new("/sys").join(name);
        let bytes = fs::read(&path).ok()?;
        let less = fs::metadata(&path).ok()?.len() > bytes.len() as u64;
        less.then_some((name, bytes))
    })
}

#[test]
fn a_file_of_proc_is_read_to_its_end() {
    let (path, bytes) = in_proc();
    check_reading("/proc", path, &bytes);
}

#[test]
fn a_file_of_sys_is_read_to_its_end() {
    match in_sys() {
        Some((path, bytes)) => check_reading("/sys", path, &bytes),
        None => {
            println!("SKIPPED: a_file_of_sys_is_read_to_its_end: no known file of /sys is here")
        }
    }
}

/// Reads the file in every way.
fn check_reading(root: &str, path: &str, bytes: &[u8]) {
    let server = TestServer::at(Path::new(root), Options::default());
    let length = bytes.len();
    for mut client in [server.connect(), server.connect_binary()] {
        assert_eq!(client.download(&json!({"path": path, "id": 1})), bytes);
        for (offset, length, expected) in [
            (0, 3, 0..3),
            (1, 2, 1..3),
            (2, usize::MAX, 2..length),
            (length - 1, 100, length - 1..length),
            (length, 100, length..length),
            (0, 0, 0..0),
        ] {
            let ask = json!({"path": path, "offset": offset, "length": length, "id": 2});
            assert_eq!(client.download(&ask), &bytes[expected], "{ask}");
        }
        for offset in [length as u64 + 1, 4000, u64::MAX] {
            let ask = json!({"path": path, "offset": offset});
            assert_eq!(client.refused("file:read", &ask), "OUT_OF_RANGE", "{ask}");
        }
        assert!(client.answers_ping());
    }
    let read = |offset, length| server.block_on(server.files.read(path, offset, length));
    assert_eq!(read(0, None).unwrap(), bytes);
    assert_eq!(read(1, Some(2)).unwrap(), &bytes[1..3]);
    assert_eq!(read(u64::MAX, None).unwrap_err().code, "OUT_OF_RANGE");
}

#[test]
fn more_than_the_application_allows_is_refused_though_it_has_no_size() {
    let (path, bytes) = in_proc();
    let length = bytes.len() as u64;
    for (max_file_bytes, fits) in [(length, true), (length - 1, false)] {
        let options = Options {
            max_file_bytes,
            ..Options::default()
        };
        let server = TestServer::at(Path::new("/proc"), options);
        let mut client = server.connect();
        if fits {
            assert_eq!(client.download(&json!({"path": path})), bytes);
            continue;
        }
        let code = client.refused("file:read", &json!({"path": path}));
        assert_eq!(code, "FILE_TOO_LARGE");
        let part = json!({"path": path, "offset": 1});
        assert_eq!(client.download(&part), &bytes[1..]);
    }
}
