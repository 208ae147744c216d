//! Many files. `LOOPWIRE_SNAPSHOT_FILES` says how many.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use loopwire_workspace::{Created, SnapshotProgress};

use crate::support::{SnapshotServer, noise};
use crate::tree::tree;

/// How many files there are without the variable.
const FILES: usize = 5000;

/// The bytes that it takes on the disk.
fn size(path: &Path) -> u64 {
    let metadata = fs::symlink_metadata(path).unwrap();
    let mut bytes = metadata.blocks() * 512;
    if metadata.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        bytes += entries
            .map(|entry| size(&entry.unwrap().path()))
            .sum::<u64>();
    }
    bytes
}

/// Takes one, and tells how long each phase took.
fn timed(server: &SnapshotServer, what: &str) -> Created {
    let (began, phases) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
    let told = Arc::clone(&phases);
    let report = move |progress: SnapshotProgress| {
        let mut told = told.lock().unwrap();
        let phase = progress.phase.name();
        if told.last().is_none_or(|(last, _)| *last != phase) {
            told.push((phase, began.elapsed()));
        }
    };
    let created = server
        .block_on(server.snapshots().create(None, report))
        .unwrap();
    let (bytes, changed) = (size(&server.store()), created.changed);
    let phases = phases.lock().unwrap();
    println!(
        "{what}: {:?}, {changed} written, store {bytes} bytes, {phases:?}",
        created.duration
    );
    created
}

#[test]
fn a_second_snapshot_reads_only_what_has_changed() {
    let files = std::env::var("LOOPWIRE_SNAPSHOT_FILES");
    let files = files.map_or(FILES, |files| files.parse().unwrap());
    let kept = std::env::var_os("LOOPWIRE_SNAPSHOT_TREE");
    let server = kept.map_or_else(SnapshotServer::open, |kept| {
        SnapshotServer::at(Path::new(&kept))
    });
    for number in 0..files {
        let directory = number / 100;
        let path = server.path(&format!("{}/{directory}", directory / 50));
        if number % 100 == 0 {
            fs::create_dir_all(&path).unwrap();
        }
        let path = path.join(format!("file-{number}.txt"));
        if !path.exists() {
            let contents = noise(512, number as u64);
            let contents: String = contents.iter().map(|byte| format!("{byte:02x}")).collect();
            fs::write(path, contents).unwrap();
        }
    }
    let first = timed(&server, "first");
    assert_eq!(first.files, files as u64);
    timed(&server, "nothing changed");
    let before = size(&server.store());
    let contents = format!("{:?}", Instant::now());
    for number in 0..10 {
        let number = number * files / 10;
        let directory = number / 100;
        let path = format!("{}/{directory}/file-{number}.txt", directory / 50);
        server.write(&path, &contents);
    }
    let third = timed(&server, "ten edits");
    let grown = size(&server.store()) - before;
    println!("grown by {grown} bytes");
    assert_eq!(third.changed, 10);
    assert!(grown < 512 << 10, "{grown}");
    let began = Instant::now();
    let restored = server.restore(&first.commit_hash);
    println!(
        "restored: {:?}, {} written",
        began.elapsed(),
        restored.written
    );
    assert_eq!((restored.written, restored.deleted), (10, 0));
}

#[test]
fn many_files_in_one_directory_are_no_trouble() {
    let files = std::env::var("LOOPWIRE_SNAPSHOT_FLAT");
    let files: usize = files.map_or(7500, |files| files.parse().unwrap());
    let server = SnapshotServer::open();
    let write = |text: &str| {
        for number in 0..files {
            fs::write(
                server.path(&format!("flat/file-{number}")),
                format!("{text} {number}"),
            )
            .unwrap();
        }
    };
    server.write("flat/a/inside", "stays");
    server.write("flat/z/z/inside", "stays");
    server.write("beside", "stays");
    write("one");
    let before = tree(server.root());
    let first = timed(&server, "flat");
    assert_eq!(first.files, files as u64 + 3);
    server.write("flat/file-0", "changed");
    assert_eq!(timed(&server, "flat, one edit").changed, 1);
    // All of them, beside directories that have not changed.
    write("two");
    fs::remove_file(server.path("flat/file-1")).unwrap();
    let third = timed(&server, "flat, all edited");
    assert_eq!(server.files_of(&third.commit_hash).len(), files + 2);
    let after = tree(server.root());
    for number in 2..files {
        fs::remove_file(server.path(&format!("flat/file-{number}"))).unwrap();
    }
    let fourth = timed(&server, "flat, nearly all deleted");
    let kept = ["beside", "flat/a/inside", "flat/file-0", "flat/z/z/inside"];
    assert_eq!(server.files_of(&fourth.commit_hash), kept);
    server.restore(&first.commit_hash);
    assert!(tree(server.root()) == before);
    server.restore(&third.commit_hash);
    assert!(tree(server.root()) == after);
    server.check_store();
}
