//! Trees with everything that a file system has, and random changes of them.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::support::noise;

/// Names that trip programs up.
const NAMES: [&[u8]; 12] = [
    b"plain.txt",
    b" leading and trailing ",
    b"line\nbreak",
    b"quote\"and\\backslash",
    b"tab\there",
    b"latin-\xe9\xff\xfe",
    b"-rf",
    b"*?[a]",
    b"\xe2\x80\xae right to left",
    b"a.b.c",
    b":(top)magic",
    b"\"",
];

pub(crate) fn bytes_path(path: &[u8]) -> PathBuf {
    Path::new(OsStr::from_bytes(path)).to_owned()
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A tree with all kinds of names, types and permissions.
pub(crate) fn fill(root: &Path) {
    for (number, name) in NAMES.iter().enumerate() {
        let directory = root.join("names").join(bytes_path(name));
        fs::create_dir_all(&directory).unwrap();
        for (other, name) in NAMES.iter().enumerate() {
            let contents = noise(100 * other, number as u64);
            fs::write(directory.join(bytes_path(name)), contents).unwrap();
        }
    }
    for (number, mode) in [
        0o600, 0o640, 0o644, 0o664, 0o700, 0o755, 0o711, 0o444, 0o400, 0o500,
    ]
    .into_iter()
    .enumerate()
    {
        let path = root.join(format!("mode-{number}"));
        fs::write(&path, format!("{mode:o}")).unwrap();
        chmod(&path, mode);
        let directory = root.join(format!("directory-{number}"));
        fs::create_dir(&directory).unwrap();
        if number % 2 == 0 {
            fs::write(directory.join("file"), "x").unwrap();
        }
        chmod(&directory, mode | 0o500);
    }
    fs::create_dir_all(root.join("empty/in/empty")).unwrap();
    fs::create_dir_all(root.join("deep/".to_owned() + &"d/".repeat(200))).unwrap();
    fs::write(
        root.join("deep/".to_owned() + &"d/".repeat(200) + "file"),
        "deep",
    )
    .unwrap();
    symlink("plain", root.join("dangling")).unwrap();
    symlink("/etc", root.join("outside")).unwrap();
    symlink("names", root.join("to-directory")).unwrap();
    fs::write(root.join("large"), noise(6 << 20, 1)).unwrap();
    fs::write(root.join("zeros"), vec![0; 1 << 20]).unwrap();
    fs::write(
        root.join(".gitmodules"),
        "[submodule \"../..\"]\n\turl = -oops\n",
    )
    .unwrap();
    fs::write(
        root.join(".gitattributes"),
        "* text eol=crlf filter=canary\n",
    )
    .unwrap();
    fs::write(root.join("crlf"), "a\r\nb\r\n").unwrap();
    fs::write(root.join("git~1"), "not a repository").unwrap();
    fs::create_dir_all(root.join("nested/.git")).unwrap();
    fs::write(root.join("nested/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(root.join("nested/file"), "of a nested repository").unwrap();
    fs::write(root.join("hard-1"), "one file with two names").unwrap();
    fs::hard_link(root.join("hard-1"), root.join("hard-2")).unwrap();
}

/// Numbers that are the same for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from((self.0 >> 33) % end as u64).unwrap()
    }
}

/// All directories and all files beneath the root.
fn all(root: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut directories, mut files) = (vec![root.to_owned()], Vec::new());
    let mut at = 0;
    while at < directories.len() {
        for entry in fs::read_dir(&directories[at]).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() == ".git" || entry.file_name() == "nested" {
                continue;
            }
            match entry.file_type().unwrap().is_dir() {
                true => directories.push(entry.path()),
                false => files.push(entry.path()),
            }
        }
        at += 1;
    }
    directories.sort();
    files.sort();
    (directories, files)
}

/// Changes the tree at some places.
pub(crate) fn change(root: &Path, random: &mut Random, times: usize) {
    for number in 0..times {
        let (directories, files) = all(root);
        let directory = &directories[random.below(directories.len())];
        let file = &files[random.below(files.len().max(1)) % files.len().max(1)];
        let fresh = directory.join(format!("new-{number}-{}", random.below(1000)));
        let mode = [0o600, 0o644, 0o755, 0o750, 0o444][random.below(5)];
        match random.below(11) {
            0 | 1 => {
                let contents = noise(random.below(5000), random.0);
                fs::write(&fresh, contents).unwrap();
                chmod(&fresh, mode);
            }
            2 => fs::remove_file(file).unwrap(),
            3 if !file.is_symlink() => {
                fs::remove_file(file).unwrap();
                fs::write(file, noise(random.below(3000), random.0)).unwrap();
            }
            4 if !file.is_symlink() => chmod(file, mode),
            5 => fs::create_dir(&fresh).unwrap(),
            6 if directory != root => {
                chmod(directory, 0o700);
                fs::remove_dir_all(directory).unwrap();
            }
            // A file becomes a directory, a directory a file, anything a link.
            7 => {
                fs::remove_file(file).unwrap();
                fs::create_dir(file).unwrap();
                fs::write(file.join("inside"), "x").unwrap();
            }
            8 if directory != root => {
                fs::remove_dir_all(directory).unwrap();
                fs::write(directory, "was a directory").unwrap();
            }
            9 => {
                fs::remove_file(file).unwrap();
                symlink(format!("target-{number}"), file).unwrap();
            }
            10 if directory != root => chmod(directory, 0o500 | mode),
            _ => {}
        }
    }
}
