//! Saving over a file of Windows: what it has besides its contents, and who else has it open.

use std::fs::OpenOptions;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};

use loopwire_channel::CommandError;
use loopwire_testing::skipped_under_wine;
use loopwire_workspace::Done;

use super::support::Opened;

const HIDDEN: u32 = 2;

fn save(opened: &Opened, contents: &str) -> Result<Done, CommandError> {
    let files = opened.workspace.files().unwrap();
    let write = files.write("x", contents.to_owned(), None);
    opened.runtime.block_on(write)
}

fn read(opened: &Opened) -> String {
    std::fs::read_to_string(opened.path("x")).unwrap()
}

#[test]
fn a_file_with_the_rights_of_its_directory_is_replaced_at_once() {
    let opened = Opened::new();
    save(&opened, "old").unwrap();
    let done = save(&opened, "new").unwrap();
    assert_eq!(read(&opened), "new");
    if !skipped_under_wine("Wine makes rights of a file's mode, which come from no directory") {
        assert!(done.atomic);
    }
}

#[test]
fn a_hidden_file_stays_hidden() {
    let opened = Opened::new();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).attributes(HIDDEN);
    drop(options.open(opened.path("x")).unwrap());
    let is_hidden = || {
        let metadata = std::fs::metadata(opened.path("x")).unwrap();
        metadata.file_attributes() & HIDDEN != 0
    };
    if !is_hidden() && skipped_under_wine("Wine keeps attributes on some file systems alone") {
        return;
    }
    assert!(is_hidden());
    let done = save(&opened, "new").unwrap();
    assert_eq!((read(&opened).as_str(), done.atomic), ("new", false));
    assert!(is_hidden());
}

#[test]
fn a_file_that_another_program_keeps_for_itself_is_left_as_it_is() {
    let opened = Opened::new();
    save(&opened, "old").unwrap();
    let mut options = OpenOptions::new();
    let held = options.read(true).share_mode(0).open(opened.path("x"));
    let held = held.unwrap();
    let refused = save(&opened, "new").unwrap_err();
    assert_eq!(refused.code, "NOT_PERMITTED");
    assert!(
        refused.message.contains("another program"),
        "{}",
        refused.message
    );
    drop(held);
    assert_eq!(read(&opened), "old");
    save(&opened, "new").unwrap();
    assert_eq!(read(&opened), "new");
    // Nothing else was left in the directory.
    assert_eq!(std::fs::read_dir(opened.dir.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_read_by_another_program_can_be_saved() {
    let opened = Opened::new();
    save(&opened, "old").unwrap();
    let _reader = std::fs::File::open(opened.path("x")).unwrap();
    save(&opened, "new").unwrap();
    assert_eq!(read(&opened), "new");
}
