//! Snapshots on Windows, with git where there is one.

use std::fs;

use loopwire_channel::CommandError;
use loopwire_testing::skipped_under_wine;
use loopwire_workspace::{Created, Options};

use super::support::Opened;

fn with_store(store: impl Fn(&std::path::Path) -> std::path::PathBuf) -> Opened {
    Opened::with(|root| Options {
        snapshot_dir: Some(store(root)),
        ..Options::default()
    })
}

fn create(opened: &Opened) -> Result<Created, CommandError> {
    let snapshots = opened.workspace.snapshots().unwrap();
    opened.runtime.block_on(snapshots.create(None, |_| {}))
}

#[test]
fn a_store_inside_of_the_workspace_is_refused() {
    for inner in ["stores", "."] {
        let opened = with_store(|root| root.join(inner));
        assert_eq!(create(&opened).unwrap_err().code, "ROOT_REFUSED");
        opened.close();
    }
}

#[test]
fn the_files_are_those_of_the_snapshot_after_a_restore() {
    let stores = tempfile::tempdir().unwrap();
    let opened = with_store(|_| stores.path().to_owned());
    fs::write(opened.path("changed"), "before").unwrap();
    fs::create_dir(opened.path("directory")).unwrap();
    fs::write(opened.path("directory").join("deleted"), "before").unwrap();
    let created = match create(&opened) {
        Err(error)
            if error.code == "GIT_NOT_FOUND" && skipped_under_wine("there is no git for it") =>
        {
            return;
        }
        created => created.unwrap(),
    };
    assert_eq!((created.files, created.skipped.count), (2, 0));
    fs::write(opened.path("changed"), "afterwards").unwrap();
    fs::write(opened.path("new"), "afterwards").unwrap();
    fs::remove_dir_all(opened.path("directory")).unwrap();
    let snapshots = opened.workspace.snapshots().unwrap();
    let restored = snapshots.restore(&created.commit_hash, |_| {});
    let restored = opened.runtime.block_on(restored).unwrap();
    assert_eq!((restored.written, restored.deleted), (2, 1));
    let read = |name: &str| fs::read_to_string(opened.path(name)).unwrap();
    assert_eq!(read("changed"), "before");
    assert_eq!(read("directory/deleted"), "before");
    assert!(!opened.path("new").exists());
    // Nothing has changed, so that nothing is read.
    let again = create(&opened).unwrap();
    assert_eq!((again.files, again.changed), (2, 2));
    assert_eq!(create(&opened).unwrap().changed, 0);
    let listed = opened.runtime.block_on(snapshots.list(None)).unwrap();
    assert_eq!(listed.len(), 4);
    let deleted = snapshots.delete(&created.commit_hash);
    opened.runtime.block_on(deleted).unwrap();
    opened.close();
}
