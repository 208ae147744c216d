//! Many files. `LOOPWIRE_SNAPSHOT_FILES` says how many.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use loopwire_workspace::{Created, SnapshotProgress};

use crate::desk::{Desk, tree};

/// How many files there are without the variable.
const FILES: usize = 5000;

/// Takes one, and tells how long each phase took.
fn timed(desk: &Desk, what: &str) -> Created {
    let (began, phases) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
    let told = Arc::clone(&phases);
    let report = move |progress: SnapshotProgress| {
        let mut told = told.lock().unwrap();
        let phase = progress.phase.name();
        if told.last().is_none_or(|(last, _)| *last != phase) {
            told.push((phase, began.elapsed()));
        }
    };
    let created = desk
        .block_on(desk.snapshots().create(None, report))
        .unwrap();
    let (bytes, changed) = (desk.store_bytes(), created.changed);
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
    let desk = kept.map_or_else(Desk::new, |kept| Desk::at(Path::new(&kept)));
    for number in 0..files {
        let directory = number / 100;
        let path = desk.path(&format!("{}/{directory}", directory / 50));
        if number % 100 == 0 {
            fs::create_dir_all(&path).unwrap();
        }
        let path = path.join(format!("file-{number}.txt"));
        if !path.exists() {
            let contents = crate::support::noise(512, number as u64);
            let contents: String = contents.iter().map(|byte| format!("{byte:02x}")).collect();
            fs::write(path, contents).unwrap();
        }
    }
    let first = timed(&desk, "first");
    assert_eq!(first.files, files as u64);
    timed(&desk, "nothing changed");
    let before = desk.store_bytes();
    let contents = format!("{:?}", Instant::now());
    for number in 0..10 {
        let number = number * files / 10;
        let directory = number / 100;
        let path = format!("{}/{directory}/file-{number}.txt", directory / 50);
        desk.write(&path, &contents);
    }
    let third = timed(&desk, "ten edits");
    let grown = desk.store_bytes() - before;
    println!("grown by {grown} bytes");
    assert_eq!(third.changed, 10);
    assert!(grown < 512 << 10, "{grown}");
    let began = Instant::now();
    let restored = desk.restore(&first.commit_hash);
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
    let desk = Desk::new();
    let write = |text: &str| {
        for number in 0..files {
            fs::write(
                desk.path(&format!("flat/file-{number}")),
                format!("{text} {number}"),
            )
            .unwrap();
        }
    };
    desk.write("flat/a/inside", "stays");
    desk.write("flat/z/z/inside", "stays");
    desk.write("beside", "stays");
    write("one");
    let before = tree(&desk.root);
    let first = timed(&desk, "flat");
    assert_eq!(first.files, files as u64 + 3);
    desk.write("flat/file-0", "changed");
    assert_eq!(timed(&desk, "flat, one edit").changed, 1);
    // All of them, beside directories that have not changed.
    write("two");
    fs::remove_file(desk.path("flat/file-1")).unwrap();
    let third = timed(&desk, "flat, all edited");
    assert_eq!(desk.files_of(&third.commit_hash).len(), files + 2);
    let after = tree(&desk.root);
    for number in 2..files {
        fs::remove_file(desk.path(&format!("flat/file-{number}"))).unwrap();
    }
    let fourth = timed(&desk, "flat, nearly all deleted");
    let kept = ["beside", "flat/a/inside", "flat/file-0", "flat/z/z/inside"];
    assert_eq!(desk.files_of(&fourth.commit_hash), kept);
    desk.restore(&first.commit_hash);
    assert!(tree(&desk.root) == before);
    desk.restore(&third.commit_hash);
    assert!(tree(&desk.root) == after);
    desk.check_store();
}
