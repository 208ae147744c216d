//! A restore without git: the store's answers are made here.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use data_encoding::HEXLOWER;
use tokio_util::sync::CancellationToken;

use crate::snapshot::progress::{Meter, Report};
use crate::snapshot::scan::{Directory, Hasher, Index, Limits, ObjectId, Stamp, split, walk};
use crate::snapshot::shapes::Phase;
use crate::snapshot::system::{open_directory, open_file};

use super::contents::unpack;
use super::plan::Plan;
use super::problems::Problems;
use super::replace::Replacement;
use super::stage::Stage;

const FILE: u32 = 0o100_644;
const READ_ONLY: u32 = 0o100_444;
const LINK: u32 = 0o120_000;

fn object(contents: &[u8]) -> ObjectId {
    let mut hasher = Hasher::new(contents.len() as u64);
    hasher.update(contents);
    hasher.finish()
}

fn meter() -> Meter {
    let report: Report = Arc::new(|_| {});
    Meter::begin(&report, Phase::Replacing, 0)
}

/// The files that are there.
fn now(root: &Dir) -> Index {
    let limits = Limits {
        max_bytes: 1 << 20,
        max_files: 1000,
    };
    let found = walk(root, limits, &meter(), &CancellationToken::new());
    let mut index = found.unwrap().index;
    for directory in &mut index.directories {
        let opened = open_directory(root, &directory.path).unwrap();
        let names = directory.names.clone();
        for entry in &mut directory.entries {
            let mut contents = Vec::new();
            let mut file = open_file(&opened, entry.name_in(&names)).unwrap();
            std::io::copy(&mut file, &mut contents).unwrap();
            entry.object = Some(object(&contents));
        }
    }
    index
}

/// A snapshot with these files.
fn target(files: &[(&str, u32, &str)]) -> Index {
    let mut directories = BTreeMap::new();
    for (path, mode, contents) in files {
        let (mut above, name) = split(path.as_bytes());
        let stamp = Stamp {
            mode: *mode,
            ..Stamp::default()
        };
        let made = |path: &[u8]| Directory {
            path: path.to_vec(),
            mode: 0o040_755,
            ..Directory::default()
        };
        let directory = directories.entry(above.to_vec());
        directory.or_insert_with(|| made(above)).add(
            name,
            stamp,
            Some(object(contents.as_bytes())),
        );
        while !above.is_empty() {
            above = split(above).0;
            directories
                .entry(above.to_vec())
                .or_insert_with(|| made(above));
        }
    }
    let mut directories: Vec<Directory> = directories.into_values().collect();
    directories.iter_mut().for_each(Directory::sort);
    Index { directories }
}

/// What git would tell of these files.
fn answers(target: &Index, plan: &Plan, files: &[(&str, u32, &str)]) -> Vec<u8> {
    let texts: HashMap<_, _> = files
        .iter()
        .map(|(_, _, text)| (object(text.as_bytes()), *text))
        .collect();
    let mut told = Vec::new();
    for (directory, number) in &plan.written {
        let object = target.directories[*directory].entries[*number]
            .object
            .unwrap();
        let (name, text) = (HEXLOWER.encode(&object), texts[&object]);
        told.extend(format!("{name} blob {}\n{text}\n", text.len()).into_bytes());
    }
    told
}

/// Restores these files. `between` happens when they are staged.
fn restore(place: &Path, files: &[(&str, u32, &str)], between: impl FnOnce()) -> Problems {
    let root = Dir::open_ambient_dir(place, ambient_authority()).unwrap();
    let (now, target) = (now(&root), target(files));
    let plan = Plan::new(&now, &target);
    let stage = Stage::make(&root).unwrap();
    let told = answers(&target, &plan, files);
    let watch = (&meter(), &CancellationToken::new());
    let unstaged = unpack(
        &mut told.as_slice(),
        &stage,
        &target,
        &plan.written,
        true,
        watch,
    );
    let unstaged = unstaged.unwrap();
    between();
    let meter = meter();
    let mut replacement = Replacement::new(
        &root,
        (&now, &target),
        &plan,
        (&stage, &unstaged),
        true,
        &meter,
    );
    replacement.run();
    let problems = std::mem::take(&mut replacement.problems);
    drop(replacement);
    stage.remove().unwrap();
    problems
}

/// What is told of what could not be restored.
fn told(problems: &Problems) -> String {
    problems.check("safety").unwrap_err().message
}

fn write(place: &Path, path: &str, text: &str) {
    let path = place.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// All files with their contents.
fn files(place: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(place).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => {
                let inner = self::files(&entry.path()).into_iter();
                files.extend(inner.map(|(path, text)| (format!("{name}/{path}"), text)));
            }
            false => files.push((name, fs::read_to_string(entry.path()).unwrap())),
        }
    }
    files.sort();
    files
}

fn shown(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let shown = files.iter();
    shown
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn the_files_are_those_of_the_snapshot_afterwards() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    for (path, text) in [
        ("old", "old"),
        ("same", "same"),
        ("protected", "old"),
        ("gone/deep/file", "x"),
        ("becomes/directory", "x"),
        ("file", "x"),
    ] {
        write(place, path, text);
    }
    let mut permissions = fs::metadata(place.join("protected")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(place.join("protected"), permissions).unwrap();
    let wanted = [
        ("becomes", FILE, "a file"),
        ("file/in/it", FILE, "y"),
        ("new", READ_ONLY, "new"),
        ("old", FILE, "newer"),
        ("protected", FILE, "new"),
        ("same", FILE, "same"),
    ];
    let problems = restore(place, &wanted, || {});
    problems.check("safety").unwrap();
    let expected = wanted.map(|(path, _, text)| (path, text));
    assert_eq!(files(place), shown(&expected));
    assert!(!place.join("gone").exists());
    let is_protected = |path| {
        fs::metadata(place.join(path))
            .unwrap()
            .permissions()
            .readonly()
    };
    assert!(is_protected("new") && !is_protected("protected"));
    // Once more, with what is read-only by now.
    let problems = restore(place, &[("new", FILE, "other")], || {});
    problems.check("safety").unwrap();
    assert_eq!(files(place), shown(&[("new", "other")]));
}

#[test]
fn what_no_snapshot_holds_stays_and_is_named() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    for name in ["changed", "deleted"] {
        write(place, name, "before");
    }
    let wanted = [
        ("changed", FILE, "wanted"),
        ("taken", FILE, "wanted"),
        ("there", FILE, "wanted"),
    ];
    let problems = restore(place, &wanted, || {
        write(place, "changed", "meanwhile");
        write(place, "deleted", "meanwhile");
        write(place, "taken", "meanwhile");
    });
    let expected = [
        ("changed", "meanwhile"),
        ("deleted", "meanwhile"),
        ("taken", "meanwhile"),
        ("there", "wanted"),
    ];
    assert_eq!(files(place), shown(&expected));
    let told = told(&problems);
    for name in ["changed (", "deleted (", "taken ("] {
        assert!(told.contains(name), "{told}");
    }
    assert!(!told.contains("there ("), "{told}");
}

#[test]
fn a_link_is_made_or_named() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let wanted = [("file", FILE, "x"), ("link", LINK, "file")];
    let problems = restore(place, &wanted, || {});
    match problems.check("safety") {
        Ok(()) => assert_eq!(
            fs::read_link(place.join("link")).unwrap(),
            Path::new("file")
        ),
        Err(error) => assert!(
            cfg!(windows) && error.message.contains("link ("),
            "{error:?}"
        ),
    }
    assert_eq!(fs::read(place.join("file")).unwrap(), b"x");
}

#[cfg(windows)]
mod windows {
    use std::os::windows::fs::OpenOptionsExt as _;

    use super::*;

    #[test]
    fn names_that_windows_cannot_have_are_named_and_the_rest_is_restored() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        let wanted = [
            ("aux", FILE, "1"),
            ("a:b", FILE, "2"),
            ("x\\y", FILE, "3"),
            ("..\\out", FILE, "4"),
            ("dot.", FILE, "5"),
            ("nul.d/file", FILE, "6"),
            ("right", FILE, "7"),
        ];
        let told = told(&restore(place, &wanted, || {}));
        for (path, ..) in &wanted[..6] {
            assert!(told.contains(&format!("{path} (")), "{path}: {told}");
        }
        assert_eq!(files(place), shown(&[("right", "7")]));
    }

    #[test]
    fn of_two_names_that_differ_by_their_case_one_is_restored_and_one_is_named() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        let wanted = [("README", FILE, "1"), ("readme", FILE, "2")];
        let told = told(&restore(place, &wanted, || {}));
        assert!(told.contains("readme ("), "{told}");
        assert_eq!(files(place), shown(&[("README", "1")]));
    }

    #[test]
    fn a_file_that_another_program_has_open_is_left_and_named() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        for name in ["gone", "open"] {
            write(place, name, "before");
        }
        let mut held = Vec::new();
        let wanted = [("other", FILE, "wanted"), ("open", FILE, "wanted")];
        let problems = restore(place, &wanted, || {
            for name in ["gone", "open"] {
                let mut options = fs::OpenOptions::new();
                // As most programs do: others may read it.
                let file = options.read(true).share_mode(1).open(place.join(name));
                held.push(file.unwrap());
            }
        });
        let told = told(&problems);
        assert!(told.contains("gone (another program"), "{told}");
        assert!(told.contains("open ("), "{told}");
        drop(held);
        let expected = [("gone", "before"), ("open", "before"), ("other", "wanted")];
        assert_eq!(files(place), shown(&expected));
    }
}
