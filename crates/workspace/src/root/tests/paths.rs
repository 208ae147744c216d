//! Every spelling of a path: what is inside is found, and nothing outside is.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::root::Root;

use super::fixture::Fixture;

/// With links of every kind in it.
fn linked() -> Fixture {
    let fixture = Fixture::new();
    let (app, dir) = (fixture.app(), fixture.dir.path());
    let link = |target: &Path, name: &str| symlink(target, app.join(name)).unwrap();
    link(&dir.join("secret"), "absolute-file");
    link(&dir.join("outside"), "absolute-dir");
    link(Path::new("../secret"), "relative-file");
    link(Path::new("../outside"), "relative-dir");
    link(Path::new("../nothing-there"), "dangling-out");
    link(Path::new("absolute-dir"), "chain-out");
    link(Path::new("loop-b"), "loop-a");
    link(Path::new("loop-a"), "loop-b");
    link(Path::new("."), "here");
    link(Path::new(".."), "up");
    link(Path::new("/proc/self/root"), "magic");
    link(Path::new("/proc/self/cwd"), "magic-cwd");
    link(Path::new("src/x"), "inside-file");
    link(Path::new("src"), "inside-dir");
    link(&app.join("src"), "absolute-inside-dir");
    link(&app.join("src/x"), "absolute-inside-file");
    link(Path::new("src/new-by-link"), "dangling-in");
    link(
        &app.join("src/new-by-absolute-link"),
        "absolute-dangling-in",
    );
    link(Path::new("../../src/../../outside"), "src/deep/climbs");
    fixture
}

#[test]
fn nothing_outside_is_found_whatever_the_path_looks_like() {
    let fixture = linked();
    let (app, dir) = (
        fixture.app().to_owned(),
        fixture.dir.path().canonicalize().unwrap(),
    );
    let (app, dir) = (app.to_str().unwrap(), dir.to_str().unwrap());
    let overlong = "a/".repeat(4096);
    let long_name = "a".repeat(256);
    let deep_up = "../".repeat(100) + "etc/passwd";
    let outside = [
        "..",
        "../",
        "../secret",
        "./../secret",
        "src/../../secret",
        "src/deep/../../../secret",
        "src/./.././../secret",
        "src//..//..//secret",
        "../app/src/x",
        "../apple/secret",
        "/",
        "//",
        "/etc/passwd",
        "//etc/passwd",
        "/./etc/passwd",
        "/proc/self/root/etc/passwd",
        "/proc/self/cwd",
        "/dev/stdin",
        &deep_up,
        &format!("{dir}/secret"),
        &format!("{dir}/apple/secret"),
        &format!("{app}/../secret"),
        &format!("{app}/src/../../secret"),
        &format!("{app}le/secret"),
        &format!("/proc/self/root{app}/src/x"),
        "absolute-file",
        "absolute-dir/secret",
        "absolute-dir/inner/../secret",
        "absolute-dir/../secret",
        "relative-file",
        "relative-dir/secret",
        "relative-dir/inner/secret",
        "chain-out/secret",
        "src/../chain-out/secret",
        "up/secret",
        "here/up/secret",
        "here/here/../../secret",
        "magic/etc/passwd",
        "magic-cwd/Cargo.toml",
        "src/deep/climbs/secret",
        "dangling-out",
    ];
    let invalid = [
        "",
        "\0",
        "src/x\0",
        "src/x\0.txt",
        &overlong,
        &long_name,
        "loop-a",
        "loop-a/x",
    ];
    let literal = [
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "%2e%2e/secret",
        "..%2fsecret",
        "%2fetc%2fpasswd",
        "..\\secret",
        "~/secret",
        "~root",
        "$HOME/x",
        "‥/secret",
        "\u{2024}\u{2024}/secret",
        "．．/secret",
        "\u{202e}../secret",
        " ../secret",
        ".../secret",
    ];
    let before = fixture.outside();
    let cases = (outside.iter().map(|path| (*path, "PATH_OUTSIDE")))
        .chain(invalid.iter().map(|path| (*path, "PATH_INVALID")))
        .chain(literal.iter().map(|path| (*path, "NOT_FOUND")));
    for (path, code) in cases {
        let shown = &path[..path.len().min(80)];
        let read = fixture.read(path).unwrap_err();
        // As a directory that ends in a separator it is no file, wherever it is.
        let ends = path.ends_with('/') && code == "PATH_OUTSIDE";
        assert!(
            read == code || (ends && read == "NOT_A_FILE"),
            "read {shown:?}: {read}"
        );
        assert_eq!(fixture.directory(path).unwrap_err(), code, "cwd {shown:?}");
        if code == "NOT_FOUND" && !path.contains('/') {
            continue; // A name like any other: writing makes it.
        }
        let placed = fixture.place(path).unwrap_err();
        // Whatever ends in `..` is a directory.
        assert!(
            placed == code || placed == "NOT_A_FILE",
            "write {shown:?}: {placed}"
        );
    }
    assert_eq!(fixture.outside(), before);
}

#[test]
fn what_is_inside_is_found_by_every_name_that_it_has() {
    let fixture = linked();
    let app = fixture.app().to_str().unwrap().to_owned();
    for path in [
        "src/x",
        "./src/x",
        "src//x",
        "src/./x",
        "src/deep/../x",
        "src/../src/x",
        "here/here/src/x",
        "inside-file",
        "inside-dir/x",
        "inside-dir/deep/../x",
        "absolute-inside-dir/x",
        "absolute-inside-file",
        "here/absolute-inside-dir/deep/../x",
        &format!("{app}/src/x"),
        &format!("{app}//src/./x"),
        &format!("{app}/absolute-inside-dir/x"),
    ] {
        assert_eq!(fixture.read(path).as_deref(), Ok("x"), "{path}");
        fixture.place(path).unwrap();
        assert_eq!(
            fs::read_to_string(fixture.app().join("src/x")).unwrap(),
            "written"
        );
        assert!(!fixture.app().join("src/x").is_symlink());
        fs::write(fixture.app().join("src/x"), "x").unwrap();
    }
    for link in ["inside-file", "absolute-inside-file", "inside-dir"] {
        assert!(fixture.app().join(link).is_symlink(), "{link} was replaced");
    }
    assert_eq!(
        fixture.read("absolute-inside-dir/none").unwrap_err(),
        "NOT_FOUND"
    );
    assert_eq!(
        fixture.read("absolute-inside-dir/no/ne").unwrap_err(),
        "NOT_FOUND"
    );
    for (link, name) in [
        ("dangling-in", "new-by-link"),
        ("absolute-dangling-in", "new-by-absolute-link"),
    ] {
        assert_eq!(fixture.place(link).unwrap(), Path::new(name));
        assert!(fixture.app().join("src").join(name).is_file());
    }
    for (path, found) in [
        (".", ""),
        ("./", ""),
        (app.as_str(), ""),
        ("here", ""),
        ("src/..", ""),
        ("src/", "src"),
        ("inside-dir", "src"),
        ("absolute-inside-dir/deep", "src/deep"),
    ] {
        let expected: PathBuf = fixture.app().join(found).components().collect();
        assert_eq!(fixture.directory(path).unwrap(), expected, "{path}");
    }
}

#[test]
fn a_root_that_is_a_link_is_known_by_both_names() {
    let fixture = Fixture::new();
    let link = fixture.dir.path().join("link");
    symlink(fixture.app(), &link).unwrap();
    let root = Root::open(&link).unwrap();
    assert_eq!(root.path(), fixture.app());
    for name in [&link, root.path()] {
        let path = name.join("src/x").to_str().unwrap().to_owned();
        let read = root.find(&path, |dir, path| dir.read_to_string(path));
        assert_eq!(read.unwrap(), "x");
    }
}
