//! A full disk.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{SnapshotServer, is_root, noise, succeeds};
use crate::tree::tree;

/// Small file systems, which go with the test.
struct Mounts(Vec<PathBuf>);

impl Mounts {
    /// Mounts those with these names and sizes. `None` where that is not possible, which the test `test` is skipped for.
    fn mount(dir: &Path, disks: &[(&str, &str)], test: &str) -> Option<Self> {
        let mut mounts = Self(Vec::new());
        for (name, size) in disks {
            let path = dir.join(name);
            fs::create_dir(&path).unwrap();
            let size = ["-t", "tmpfs", "-o", size, "none"];
            if !is_root() || !succeeds("mount", &size, &path) {
                println!("SKIPPED: {test}: a small file system cannot be mounted here");
                return None;
            }
            mounts.0.push(path);
        }
        Some(mounts)
    }
}

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
    let test = "a_full_disk_is_told_and_harms_neither_store_nor_tree";
    let dir = tempfile::tempdir().unwrap();
    let disks = [("root", "size=5m"), ("stores", "size=4m")];
    let Some(_mounts) = Mounts::mount(dir.path(), &disks, test) else {
        return;
    };
    let server = SnapshotServer::at(dir.path());
    for number in 0..4 {
        server.write(&format!("half-{number}"), noise(256 << 10, number));
    }
    let first = server.create();
    for number in 0..4 {
        fs::remove_file(server.path(&format!("half-{number}"))).unwrap();
    }
    // The store has no space for it.
    server.write("large", noise(3 << 20, 9));
    let before = tree(server.root());
    let error = server.try_create().unwrap_err();
    assert_eq!(error.code, "NO_SPACE", "{error:?}");
    server.check_store();
    fs::write(server.path("large"), vec![b'x'; 3 << 20]).unwrap();
    // The workspace has no space for it, beside what is there.
    fs::write(server.path(".gitignore"), "filler\n").unwrap();
    fs::write(server.path("filler"), vec![b'y'; 1500 << 10]).unwrap();
    let with_filler = tree(server.root());
    assert_ne!(before, with_filler);
    let error = server.try_restore(&first.commit_hash).unwrap_err();
    assert_eq!(error.code, "NO_SPACE", "{error:?}");
    assert!(error.message.contains("no file was restored"), "{error:?}");
    assert_eq!(tree(server.root()), with_filler);
    server.check_store();
    fs::remove_file(server.path("filler")).unwrap();
    server.restore(&first.commit_hash);
    assert!(server.path("half-3").exists());
}

#[test]
fn a_restore_that_was_cut_off_is_finished_once_there_is_space() {
    let test = "a_restore_that_was_cut_off_is_finished_once_there_is_space";
    let dir = tempfile::tempdir().unwrap();
    let Some(_mounts) = Mounts::mount(dir.path(), &[("root", "size=5m")], test) else {
        return;
    };
    let server = SnapshotServer::at(dir.path());
    server.write(".gitignore", "filler\n");
    for number in 0..4 {
        server.write(&format!("half-{number}"), noise(256 << 10, number));
    }
    let target = tree(server.root());
    let first = server.create().commit_hash;
    for number in 0..4 {
        server.write(&format!("half-{number}"), noise(256 << 10, 10 + number));
    }
    let record = server.store().join("restore.json");
    // A kill in the middle of replacing.
    let told = format!(r#"{{"commitHash":"{first}","safetyCommit":"{first}","step":"replacing"}}"#);
    fs::write(&record, told).unwrap();
    server.write("filler", vec![b'y'; (3 << 20) + (500 << 10)]);
    for _ in 0..2 {
        let error = server.try_create().unwrap_err();
        assert_eq!(error.code, "NO_SPACE", "{error:?}");
        assert!(error.message.contains("cut off"), "{error:?}");
        assert!(record.exists());
    }
    fs::remove_file(server.path("filler")).unwrap();
    server.create();
    assert_eq!(tree(server.root()), target);
    assert!(!record.exists());
}
