#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use loopwire_testing::skipped_under_wine;
use tokio_util::sync::CancellationToken;

use crate::snapshot::progress::{Meter, Report};
use crate::snapshot::scan::{Found, Limits, walk};
use crate::snapshot::shapes::{Phase, Reason};
use crate::snapshot::system::{Why, open_directory};

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
