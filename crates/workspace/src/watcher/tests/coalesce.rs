//! What is told as one thing.

use std::fs;
use std::path::Path;

use super::support::{Site, loses_what_is_in_new_directories};

/// A row of the table: what was there, what is done, what is told.
type Row = (
    &'static str,
    &'static [&'static str],
    fn(&Path),
    &'static [&'static str],
);

fn write(root: &Path, path: &str, contents: &str) {
    fs::write(root.join(path), contents).expect("written");
}

fn rename(root: &Path, from: &str, to: &str) {
    fs::rename(root.join(from), root.join(to)).expect("renamed");
}

fn remove(root: &Path, path: &str) {
    fs::remove_file(root.join(path)).expect("removed");
}

fn mkdir(root: &Path, path: &str) {
    fs::create_dir_all(root.join(path)).expect("made");
}

/// Longer than a name waits that is complete, and shorter than one waits that may come back.
fn write_slowly(root: &Path, path: &str) {
    use std::io::Write as _;
    let mut file = fs::File::create(root.join(path)).expect("created");
    for _ in 0..5 {
        file.write_all(b"x").expect("written");
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
}

const ROWS: &[Row] = &[
    (
        "a new file that is written at once",
        &[],
        |root| write(root, "a", "12345"),
        &["+a 5"],
    ),
    ("an empty file", &[], |root| write(root, "a", ""), &["+a 0"]),
    (
        "a changed file",
        &["a"],
        |root| write(root, "a", "12345"),
        &["~a 5"],
    ),
    ("a deleted file", &["a"], |root| remove(root, "a"), &["-a"]),
    (
        "created and deleted",
        &[],
        |root| {
            write(root, "a", "1");
            remove(root, "a");
        },
        &[],
    ),
    (
        "deleted and created",
        &["a"],
        |root| {
            remove(root, "a");
            write(root, "a", "123");
        },
        &["~a 3"],
    ),
    (
        "a renamed file",
        &["a"],
        |root| rename(root, "a", "b"),
        &["a>b"],
    ),
    (
        "an atomic save",
        &["a"],
        |root| {
            write(root, "a.tmp123", "12345");
            rename(root, "a.tmp123", "a");
        },
        &["~a 5"],
    ),
    (
        "an atomic save of a new file",
        &[],
        |root| {
            write(root, "a.tmp123", "12345");
            rename(root, "a.tmp123", "a");
        },
        &["+a 5"],
    ),
    (
        "vim: the old file is the backup, which is deleted",
        &["a"],
        |root| {
            write(root, "4913", "");
            remove(root, "4913");
            rename(root, "a", "a~");
            write(root, "a", "12345");
            remove(root, "a~");
        },
        &["~a 5"],
    ),
    (
        "emacs: the old file is the backup, which stays",
        &["a"],
        |root| {
            rename(root, "a", "a~");
            write(root, "a", "12345");
        },
        &["+a~ 1", "~a 5"],
    ),
    (
        "written in many pieces",
        &["a"],
        |root| {
            use std::io::Write as _;
            let mut file = fs::File::create(root.join("a")).expect("created");
            for _ in 0..100 {
                file.write_all(b"x").expect("written");
                file.flush().expect("flushed");
            }
        },
        &["~a 100"],
    ),
    (
        "a new file that is written slowly, and renamed over another as soon as it is closed",
        &["a"],
        |root| {
            write_slowly(root, "a.tmp123");
            rename(root, "a.tmp123", "a");
        },
        &["~a 5"],
    ),
    (
        "a file that is deleted and written anew, slowly",
        &["a"],
        |root| {
            remove(root, "a");
            write_slowly(root, "a");
        },
        &["~a 5"],
    ),
    (
        "a deep new directory with a file",
        &[],
        |root| {
            mkdir(root, "a/b/c/d");
            write(root, "a/b/c/d/e", "12");
        },
        &["+a/", "+a/b/", "+a/b/c/", "+a/b/c/d/", "+a/b/c/d/e 2"],
    ),
    (
        "a renamed directory",
        &["a/b/c"],
        |root| rename(root, "a", "x"),
        &["a/>x/", "a/b/>x/b/", "a/b/c>x/b/c"],
    ),
    (
        "a file renamed over another",
        &["a", "b"],
        |root| rename(root, "a", "b"),
        &["a>b"],
    ),
    (
        "a deleted directory",
        &["a/b/c"],
        |root| fs::remove_dir_all(root.join("a")).expect("removed"),
        &["-a/", "-a/b/", "-a/b/c"],
    ),
    (
        "a directory replaced by a file",
        &["a/b"],
        |root| {
            fs::remove_dir_all(root.join("a")).expect("removed");
            write(root, "a", "12");
        },
        &["+a 2", "-a/", "-a/b"],
    ),
    (
        "a new directory renamed at once",
        &[],
        |root| {
            mkdir(root, "a/b");
            write(root, "a/b/c", "1");
            rename(root, "a", "x");
        },
        &["+x/", "+x/b/", "+x/b/c 1"],
    ),
];

/// Does something in a tree that is covered, and says what is told.
async fn tell(before: &[&str], act: fn(&Path)) -> Vec<String> {
    let mut site = Site::new();
    for path in before {
        if let Some((parent, _)) = path.rsplit_once('/') {
            site.mkdir(parent);
        }
        site.write(path, "1");
    }
    let _covered = site.cover("").await;
    act(&site.root);
    let told = site.told().await;
    site.watcher.close().await;
    told
}

#[tokio::test]
async fn what_belongs_together_is_told_as_one_thing() {
    let mut rows = tokio::task::JoinSet::new();
    for (name, before, act, expected) in ROWS {
        if *name == "a deep new directory with a file" && loses_what_is_in_new_directories() {
            continue;
        }
        rows.spawn(async move {
            let mut told = Vec::new();
            // A busy machine may stop the test between two calls: then they do not belong together any more.
            for _ in 0..3 {
                told = tell(before, *act).await;
                if told == *expected {
                    return None;
                }
            }
            Some(format!("{name}: {told:?} instead of {expected:?}"))
        });
    }
    let wrong: Vec<_> = rows.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_file_that_is_renamed_twice_is_not_said_to_be_deleted() {
    if loopwire_testing::skipped_under_wine("Wine tells two changes so late that they seem apart") {
        return;
    }
    let mut rounds = tokio::task::JoinSet::new();
    for _ in 0..20 {
        rounds.spawn(async {
            let mut site = Site::new();
            site.write("a", "1");
            let _covered = site.cover("").await;
            rename(&site.root, "a", "b");
            rename(&site.root, "b", "c");
            let told = site.told().await;
            site.watcher.close().await;
            told
        });
    }
    for told in rounds.join_all().await {
        // The first rename may have been told before the second one was made.
        let at_once = told == ["a>b", "b>c"];
        assert!(at_once || told == ["a>c"], "{told:?}");
    }
}

/// Links a file into a directory that had no name while it was written, as our own saves do.
#[cfg(target_os = "linux")]
fn link_unnamed(root: &Path, path: &str, contents: &str) -> Option<fs::File> {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat};

    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = openat(CWD, root, flags, Mode::from_raw_mode(0o600)).ok()?;
    let mut file = fs::File::from(file);
    file.write_all(contents.as_bytes()).expect("written");
    let from = format!("/proc/self/fd/{}", file.as_raw_fd());
    linkat(CWD, from, CWD, root.join(path), AtFlags::SYMLINK_FOLLOW).expect("linked");
    Some(file)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_is_complete_when_it_gets_its_name_does_not_wait_for_a_writer() {
    let mut told = Vec::new();
    // A busy machine may stop the watcher until both are due.
    for _ in 0..3 {
        let mut site = Site::new();
        let _covered = site.cover("").await;
        let _written = fs::File::create(site.path("written")).expect("created");
        let Some(_linked) = link_unnamed(&site.root, "linked", "123") else {
            println!(
                "SKIPPED: a_file_that_is_complete_when_it_gets_its_name_does_not_wait_for_a_writer: the file system has no \
                 O_TMPFILE"
            );
            return;
        };
        // In their order.
        let changes = site.changes().await;
        told = changes.iter().map(super::support::text).collect::<Vec<_>>();
        site.watcher.close().await;
        if told == ["+linked 3", "+written 0"] {
            return;
        }
    }
    panic!("{told:?}");
}
