#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs::{self, File};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use loopwire_testing::skipped_under_wine;
use tokio_util::sync::CancellationToken;
use windows_sys::Win32::Storage::FileSystem::FILE_ATTRIBUTE_NORMAL;

use super::facts;
use crate::snapshot::progress::{Meter, Report};
use crate::snapshot::scan::{Found, Limits, walk};
use crate::snapshot::shapes::{Phase, Reason};
use crate::snapshot::system::{Why, open_directory, open_file, open_to_change, rename, set_mode};

fn root(path: &Path) -> Dir {
    Dir::open_ambient_dir(path, ambient_authority()).unwrap()
}

fn found(path: &Path) -> Found {
    let report: Report = Arc::new(|_| {});
    let meter = Meter::begin(&report, Phase::Scanning, 0);
    let limits = Limits {
        max_bytes: 1 << 20,
        max_files: 100,
    };
    walk(&root(path), limits, &meter, &CancellationToken::new()).unwrap()
}

/// What was left out, and why.
fn skipped(found: Found) -> Vec<(String, Reason)> {
    let listed = found.skipped.summary().listed.into_iter();
    let mut skipped: Vec<_> = listed
        .map(|one| (String::from_utf8_lossy(&one.path).into_owned(), one.reason))
        .collect();
    skipped.sort();
    skipped
}

#[test]
fn names_that_programs_do_not_reach_are_left_out_and_named() {
    let place = tempfile::tempdir().unwrap();
    // In the system's own form, in which a name is itself.
    let inner = place.path().canonicalize().unwrap();
    for name in ["dot.", "right"] {
        fs::write(inner.join(name), "x").unwrap();
    }
    fs::create_dir(inner.join("nul")).unwrap();
    let found = found(place.path());
    assert_eq!(found.index.files(), 1);
    assert!(found.index.entry(b"", b"right").is_some());
    let expected = ["dot.", "nul"].map(|name| (name.to_owned(), Reason::Unreadable));
    assert_eq!(skipped(found), expected);
}

#[test]
fn a_junction_is_not_followed() {
    let (place, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(elsewhere.path().join("secret"), "x").unwrap();
    let junction = place.path().join("junction");
    let mut make = Command::new("cmd");
    make.args(["/d", "/c", "mklink", "/J"]);
    let made = make.arg(&junction).arg(elsewhere.path()).output().unwrap();
    let is_there = fs::symlink_metadata(&junction).is_ok();
    if !is_there && skipped_under_wine("it says that it made a junction") {
        return;
    }
    assert!(is_there, "{made:?}");
    let found = found(place.path());
    assert_eq!(found.index.files(), 0);
    assert_eq!(skipped(found), [("junction".to_owned(), Reason::Special)]);
    let opened = open_directory(&root(place.path()), b"junction");
    assert_eq!(opened.unwrap_err().why, Why::Link);
}

#[test]
fn rules_have_no_case() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(".gitignore"), "Build/\n").unwrap();
    fs::create_dir(place.path().join("build")).unwrap();
    let found = found(place.path());
    assert_eq!(skipped(found), [("build".to_owned(), Reason::Ignored)]);
}

#[test]
fn a_file_with_rules_has_no_case_either() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(".GitIgnore"), "secret\n").unwrap();
    fs::write(place.path().join("secret"), "x").unwrap();
    fs::create_dir(place.path().join("Node_Modules")).unwrap();
    let expected = ["Node_Modules", "secret"].map(|name| (name.to_owned(), Reason::Ignored));
    assert_eq!(skipped(found(place.path())), expected);
}

#[test]
fn without_rules_that_cannot_be_read_at_this_moment_nothing_is_held() {
    let place = tempfile::tempdir().unwrap();
    let inner = place.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join(".gitignore"), "secret\n").unwrap();
    fs::write(inner.join("secret"), "x").unwrap();
    let held = alone(&inner.join(".gitignore"));
    let expected = [("inner".to_owned(), Reason::Unreadable)];
    assert_eq!(skipped(found(place.path())), expected);
    drop(held);
    let expected = [("inner/secret".to_owned(), Reason::Ignored)];
    assert_eq!(skipped(found(place.path())), expected);
}

/// Opens a file that nobody else may open meanwhile.
fn alone(path: &Path) -> File {
    File::options().read(true).share_mode(0).open(path).unwrap()
}

#[test]
fn a_file_that_somebody_has_open_for_a_moment_is_waited_for() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("file"), "x").unwrap();
    let opened = open_directory(&root(place.path()), b"").unwrap();
    let held = alone(&place.path().join("file"));
    thread::scope(|scope| {
        let waits = scope.spawn(|| open_file(&opened, b"file").map(|_| ()));
        thread::sleep(Duration::from_millis(50));
        drop(held);
        waits.join().unwrap().unwrap();
    });
}

#[test]
fn a_file_becomes_writable_whatever_other_attributes_it_has() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("file");
    fs::write(&path, "x").unwrap();
    let opened = open_directory(&root(place.path()), b"").unwrap();
    for read_only in [true, false] {
        let bits = if read_only { 0o444 } else { 0o644 };
        // Set by itself, without the mark of a file that was changed.
        let file = open_to_change(&opened, b"file").unwrap();
        facts::set_attributes(&file, FILE_ATTRIBUTE_NORMAL).unwrap();
        set_mode(&file, 0o444).unwrap();
        set_mode(&file, bits).unwrap();
        drop(file);
        let there = fs::metadata(&path).unwrap();
        assert_eq!(there.permissions().readonly(), read_only);
    }
}

#[test]
fn another_name_of_a_replaced_file_stays_read_only() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    fs::write(path("other"), "before").unwrap();
    fs::hard_link(path("other"), path("file")).unwrap();
    let mut permissions = fs::metadata(path("other")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path("other"), permissions).unwrap();
    fs::write(path("new"), "afterwards").unwrap();
    let opened = open_directory(&root(place.path()), b"").unwrap();
    rename(&opened, "new", &opened, b"file", true).unwrap();
    assert_eq!(fs::read(path("file")).unwrap(), b"afterwards");
    assert_eq!(fs::read(path("other")).unwrap(), b"before");
    let there = fs::metadata(path("other")).unwrap();
    let is_read_only = there.permissions().readonly();
    assert!(is_read_only || skipped_under_wine("it knows no such rename"));
}

#[test]
fn a_directory_that_is_open_stays_where_it_is() {
    let place = tempfile::tempdir().unwrap();
    let (outer, other) = (place.path().join("outer"), place.path().join("other"));
    fs::create_dir_all(outer.join("inner")).unwrap();
    let opened = open_directory(&root(place.path()), b"outer/inner").unwrap();
    assert!(fs::remove_dir(outer.join("inner")).is_err());
    if !skipped_under_wine("it renames what is above a directory that is open") {
        assert!(fs::rename(&outer, &other).is_err());
    }
    drop(opened);
    fs::rename(&outer, &other).unwrap();
}
