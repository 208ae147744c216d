//! A full disk.

use std::fs;
use std::path::PathBuf;

use crate::desk::{Desk, tree};
use crate::support::{is_root, noise, succeeds};

/// Small file systems, which go with the test.
struct Mounts(Vec<PathBuf>);

impl Drop for Mounts {
    fn drop(&mut self) {
        for path in &self.0 {
            let gone = succeeds("umount", &["-l"], path);
            assert!(gone || std::thread::panicking(), "{}", path.display());
        }
    }
}

#[test]
fn a_full_disk_is_told_and_harms_neither_store_nor_tree() {
    if !is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut mounts = Mounts(Vec::new());
    for (name, size) in [("root", "size=5m"), ("stores", "size=4m")] {
        let path = dir.path().join(name);
        fs::create_dir(&path).unwrap();
        let size = ["-t", "tmpfs", "-o", size, "none"];
        if !succeeds("mount", &size, &path) {
            return;
        }
        mounts.0.push(path);
    }
    let desk = Desk::at(dir.path());
    for number in 0..4 {
        desk.write(&format!("half-{number}"), noise(256 << 10, number));
    }
    let first = desk.create();
    for number in 0..4 {
        fs::remove_file(desk.path(&format!("half-{number}"))).unwrap();
    }
    // The store has no space for it.
    desk.write("large", noise(3 << 20, 9));
    let before = tree(&desk.root);
    let error = desk.try_create().unwrap_err();
    assert_eq!(error.code, "NO_SPACE", "{error:?}");
    desk.check_store();
    fs::write(desk.path("large"), vec![b'x'; 3 << 20]).unwrap();
    // The workspace has no space for it, beside what is there.
    fs::write(desk.path(".gitignore"), "filler\n").unwrap();
    fs::write(desk.path("filler"), vec![b'y'; 1500 << 10]).unwrap();
    let with_filler = tree(&desk.root);
    assert_ne!(before, with_filler);
    let error = desk.try_restore(&first.commit_hash).unwrap_err();
    assert_eq!(error.code, "NO_SPACE", "{error:?}");
    assert!(error.message.contains("no file was restored"), "{error:?}");
    assert_eq!(tree(&desk.root), with_filler);
    desk.check_store();
    fs::remove_file(desk.path("filler")).unwrap();
    desk.restore(&first.commit_hash);
    assert!(desk.path("half-3").exists());
}

#[test]
fn a_restore_that_was_cut_off_is_finished_once_there_is_space() {
    if !is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut mounts = Mounts(Vec::new());
    let path = dir.path().join("root");
    fs::create_dir(&path).unwrap();
    if !succeeds("mount", &["-t", "tmpfs", "-o", "size=5m", "none"], &path) {
        return;
    }
    mounts.0.push(path);
    let desk = Desk::at(dir.path());
    desk.write(".gitignore", "filler\n");
    for number in 0..4 {
        desk.write(&format!("half-{number}"), noise(256 << 10, number));
    }
    let target = tree(&desk.root);
    let first = desk.create().commit_hash;
    for number in 0..4 {
        desk.write(&format!("half-{number}"), noise(256 << 10, 10 + number));
    }
    let record = desk.store().join("restore.json");
    // A kill in the middle of replacing.
    let told = format!(r#"{{"commitHash":"{first}","safetyCommit":"{first}","step":"replacing"}}"#);
    fs::write(&record, told).unwrap();
    desk.write("filler", vec![b'y'; (3 << 20) + (500 << 10)]);
    for _ in 0..2 {
        let error = desk.try_create().unwrap_err();
        assert_eq!(error.code, "NO_SPACE", "{error:?}");
        assert!(error.message.contains("cut off"), "{error:?}");
        assert!(record.exists());
    }
    fs::remove_file(desk.path("filler")).unwrap();
    desk.create();
    assert_eq!(tree(&desk.root), target);
    assert!(!record.exists());
}
