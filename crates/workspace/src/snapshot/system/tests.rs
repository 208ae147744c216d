#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use loopwire_testing::skipped_under_wine;
use tempfile::TempDir;

use super::{
    FileType, Opened, Why, create_file, each_name, look, look_at, make_directory, make_link,
    open_directory, open_file, open_to_change, read_link, remove_directory, remove_file, rename,
    set_mode,
};

fn root(path: &Path) -> Dir {
    Dir::open_ambient_dir(path, ambient_authority()).unwrap()
}

/// A directory with the file `a` and the directory `d`.
fn place() -> (TempDir, Opened) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("a"), "hello").unwrap();
    fs::create_dir(place.path().join("d")).unwrap();
    let opened = open_directory(&root(place.path()), b"").unwrap();
    (place, opened)
}

fn names(opened: &Opened) -> Vec<String> {
    let mut names = Vec::new();
    each_name(opened, |name, _| {
        names.push(String::from_utf8(name.to_vec()).unwrap())
    })
    .unwrap();
    names.sort();
    names
}

fn why<T>(result: super::Result<T>) -> Why {
    result.map(drop).unwrap_err().why
}

#[test]
fn what_is_in_a_directory_is_listed_and_looked_at() {
    let (place, opened) = place();
    assert_eq!(names(&opened), ["a", "d"]);
    let file = look(&opened, b"a").unwrap();
    assert_eq!((file.size, file.file_type()), (5, FileType::RegularFile));
    let read = open_file(&opened, b"a").unwrap();
    assert_eq!(look_at(&read).unwrap(), file);
    let directory = look(&opened, b"d").unwrap();
    assert_eq!(directory.file_type(), FileType::Directory);
    assert_eq!(why(look(&opened, b"b")), Why::Gone);
    let root = root(place.path());
    assert!(open_directory(&root, b"d").is_ok());
    assert_eq!(why(open_directory(&root, b"d/e")), Why::Gone);
    assert_eq!(why(open_directory(&root, b"a")), Why::NotDirectory);
}

#[test]
fn a_file_that_was_changed_has_another_stamp_and_one_that_was_replaced_is_another_one() {
    let (place, opened) = place();
    let path = place.path().join("a");
    let before = look(&opened, b"a").unwrap();
    assert_eq!(look(&opened, b"a").unwrap(), before);
    std::thread::sleep(std::time::Duration::from_millis(40));
    fs::write(&path, "jello").unwrap();
    let changed = look(&opened, b"a").unwrap();
    assert_ne!(changed, before);
    assert!(changed.changed > before.changed);
    fs::write(place.path().join("b"), "jello").unwrap();
    assert!(!look(&opened, b"b").unwrap().is_same_file(&changed));
}

#[test]
fn a_rename_replaces_only_if_it_is_told_to() {
    let (place, opened) = place();
    fs::write(place.path().join("b"), "other").unwrap();
    assert_eq!(why(rename(&opened, "b", &opened, b"a", false)), Why::Exists);
    assert_eq!(fs::read(place.path().join("a")).unwrap(), b"hello");
    rename(&opened, "b", &opened, b"a", true).unwrap();
    assert_eq!(fs::read(place.path().join("a")).unwrap(), b"other");
    rename(&opened, "a", &opened, b"c", false).unwrap();
    assert_eq!(names(&opened), ["c", "d"]);
}

#[test]
fn a_file_that_nobody_may_write_is_replaced_and_removed() {
    let (place, opened) = place();
    let protect = || {
        let file = open_to_change(&opened, b"a").unwrap();
        set_mode(&file, 0o444).unwrap();
        assert_eq!(look(&opened, b"a").unwrap().permissions(), 0o444);
    };
    protect();
    fs::write(place.path().join("b"), "other").unwrap();
    rename(&opened, "b", &opened, b"a", true).unwrap();
    assert_eq!(fs::read(place.path().join("a")).unwrap(), b"other");
    protect();
    remove_file(&opened, b"a").unwrap();
    assert_eq!(names(&opened), ["d"]);
}

#[test]
fn a_directory_is_removed_when_nothing_is_in_it() {
    let (place, opened) = place();
    fs::write(place.path().join("d").join("x"), "").unwrap();
    let refused = why(remove_directory(&opened, b"d"));
    assert!(
        matches!(refused, Why::NotEmpty | Why::Exists),
        "{refused:?}"
    );
    fs::remove_file(place.path().join("d").join("x")).unwrap();
    remove_directory(&opened, b"d").unwrap();
    assert_eq!(why(remove_directory(&opened, b"a")), Why::NotDirectory);
    make_directory(&opened, b"e").unwrap();
    assert_eq!(why(make_directory(&opened, b"e")), Why::Exists);
    create_file(&opened, b"f").unwrap();
    assert_eq!(why(create_file(&opened, b"f")), Why::Exists);
    assert_eq!(names(&opened), ["a", "e", "f"]);
}

#[test]
fn a_link_is_itself_wherever_the_system_lets_us_make_one() {
    let (place, opened) = place();
    for (name, target, is_directory) in [(&b"l"[..], &b"a"[..], false), (b"m", b"d", true)] {
        match make_link(target, &opened, name, || is_directory) {
            Err(refused) if refused.why == Why::NoLinks => continue,
            made => made.unwrap(),
        }
        if look(&opened, name).is_err() && skipped_under_wine("it says that it made a link") {
            continue;
        }
        assert_eq!(look(&opened, name).unwrap().file_type(), FileType::Symlink);
        assert_eq!(read_link(&opened, name, Vec::new()).unwrap(), target);
        assert_eq!(why(open_file(&opened, name)), Why::Link);
        let through = why(open_directory(&root(place.path()), name));
        assert!(matches!(through, Why::Link | Why::NotDirectory));
        remove_file(&opened, name).unwrap();
    }
    assert_eq!(names(&opened), ["a", "d"]);
    assert_eq!(why(read_link(&opened, b"a", Vec::new())), Why::Invalid);
}
