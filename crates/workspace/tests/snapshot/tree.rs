//! A tree of files as text, so that two can be compared.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::sha256;

/// Everything beneath a directory but repositories and what is left out: type, permissions, contents.
pub(crate) fn tree(root: &Path) -> Vec<String> {
    let mut all = Vec::new();
    collect(root, root, &mut all);
    all.sort();
    all
}

fn collect(root: &Path, at: &Path, all: &mut Vec<String>) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().as_bytes();
        if name == b".git" || name == b"node_modules" {
            continue;
        }
        let metadata = fs::symlink_metadata(&path).unwrap();
        let shown = path
            .strip_prefix(root)
            .unwrap()
            .as_os_str()
            .as_bytes()
            .escape_ascii();
        let mode = metadata.permissions().mode();
        let what = if metadata.is_symlink() {
            format!("link {:?}", fs::read_link(&path).unwrap())
        } else if metadata.is_dir() {
            collect(root, &path, all);
            format!("directory {mode:o}")
        } else if metadata.is_file() {
            format!("file {mode:o} {}", sha256(&fs::read(&path).unwrap()))
        } else {
            format!("special {mode:o}")
        };
        all.push(format!("{shown}: {what}"));
    }
}
