//! The commit, in the language of `git fast-import`: the tree of the last snapshot, and what differs.

use std::collections::HashSet;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;

use crate::snapshot::format::{FILES, IDENTITY, PERMISSIONS};
use crate::snapshot::scan::{Cache, Directory, Entry, Index, split};

use super::pipe::{Broken, PIECE, Pipe};
use super::quote::quote;

/// How many names `git fast-import` may look at for one directory: a tenth of a second.
const MAX_STEPS: usize = 50_000_000;

/// What a commit consists of besides its files.
pub(super) struct Commit<'a> {
    /// The ref that keeps it.
    pub(super) name: &'a str,
    pub(super) message: &'a str,
    pub(super) permissions: &'a [u8],
}

/// Has git make it. It answers with the tree of the files, and the commit. Returns how many files differ.
pub(super) fn send(
    commit: &Commit<'_>,
    index: &Index,
    last: Option<&Cache>,
    pipe: &Pipe,
) -> Result<u64, Broken> {
    let mut script = Script {
        bytes: Vec::new(),
        pipe,
    };
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let time = since.unwrap_or_default().as_secs();
    let name = commit.name;
    script.line(&format!("commit {name}\nmark :1"));
    script.line(&format!("author {IDENTITY} {time} +0000"));
    script.line(&format!("committer {IDENTITY} {time} +0000"));
    script.data(commit.message.as_bytes());
    let nothing = Index::default();
    let mut before = &nothing;
    if let Some(last) = last {
        before = &last.index;
        script.line(&format!("M 040000 {} {FILES}", last.files_tree));
    }
    // What is gone goes first: a file may have become a directory, and a directory a file.
    let whole = Whole::new(index, before);
    for old in &before.directories {
        match index.directory(&old.path) {
            None => script.delete_directory(&old.path),
            Some(new) if !whole.has(&new.path) => script.delete(old, new)?,
            Some(_) => {}
        }
    }
    let mut differ = 0;
    for new in &index.directories {
        if whole.has(&new.path) {
            let tree = pipe.tree(listing(new))?;
            differ += script.replace(new, &tree);
        } else {
            let old = before.directory(&new.path);
            let old = old.filter(|_| !whole.is_beneath(&new.path));
            differ += script.modify(new, old)?;
        }
    }
    script.line(&format!("M 100644 inline {PERMISSIONS}"));
    script.data(commit.permissions);
    script.line(&format!("\nls :1 {FILES}\nget-mark :1\ndone"));
    script.send_if(0)?;
    Ok(differ)
}

/// Whether it is the same in git's tree.
fn is_same(old: &Entry, new: &Entry) -> bool {
    old.object == new.object && old.stamp.git_mode() == new.stamp.git_mode()
}

/// The files of a directory, in the language of `git mktree`.
fn listing(directory: &Directory) -> Vec<u8> {
    let mut listing = Vec::new();
    for entry in &directory.entries {
        let Some(object) = entry.object else { continue };
        let (mode, object) = (entry.stamp.git_mode(), HEXLOWER.encode(&object));
        // Writing to memory does not fail.
        let _ = write!(listing, "{mode:o} blob {object}\t");
        listing.extend_from_slice(directory.name(entry));
        listing.push(0);
    }
    listing
}

/// The directories that are given to git as a whole. `git fast-import` searches a directory from its beginning for each
/// name, which takes minutes if hundreds of thousands of names in one directory are new.
struct Whole<'a>(HashSet<&'a [u8]>);

impl<'a> Whole<'a> {
    fn new(index: &'a Index, before: &Index) -> Self {
        let is_whole = |new: &&Directory| {
            let old = before.directory(&new.path);
            let (names, old_names) = (new.entries.len(), old.map_or(0, |old| old.entries.len()));
            let all = names.max(old_names);
            // Most have not that many names, whatever has changed.
            if all * all <= MAX_STEPS {
                return false;
            }
            let kept = new.entries.iter().filter(|entry| {
                let before = old.and_then(|old| old.entry(new.name(entry)));
                before.is_some_and(|before| is_same(before, entry))
            });
            let kept = kept.count();
            (names - kept).max(old_names - kept) * all > MAX_STEPS
        };
        let whole = index.directories.iter().filter(is_whole);
        Self(whole.map(|one| one.path.as_slice()).collect())
    }

    fn has(&self, path: &[u8]) -> bool {
        self.0.contains(path)
    }

    /// Whether it is in one of them: the tree of that has files alone.
    fn is_beneath(&self, mut path: &[u8]) -> bool {
        while !self.0.is_empty() && !path.is_empty() {
            path = split(path).0;
            if self.has(path) {
                return true;
            }
        }
        false
    }
}

struct Script<'a> {
    bytes: Vec<u8>,
    pipe: &'a Pipe,
}

impl Script<'_> {
    fn line(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
    }

    fn data(&mut self, data: &[u8]) {
        // Writing to memory does not fail.
        let _ = writeln!(self.bytes, "data {}", data.len());
        self.bytes.extend_from_slice(data);
        self.bytes.push(b'\n');
    }

    fn path(&mut self, directory: &[u8], name: &[u8]) {
        let slash = match directory.is_empty() {
            true => &b""[..],
            false => b"/",
        };
        let parts = [FILES.as_bytes(), b"/", directory, slash, name];
        quote(&mut self.bytes, &parts);
        self.bytes.push(b'\n');
    }

    fn delete_directory(&mut self, path: &[u8]) {
        self.bytes.extend_from_slice(b"D ");
        let (parent, name) = split(path);
        self.path(parent, name);
    }

    /// Replaces all of a directory by a tree.
    fn replace(&mut self, new: &Directory, tree: &str) -> u64 {
        let _ = write!(self.bytes, "M 040000 {tree} ");
        match new.path.is_empty() {
            true => self.line(FILES),
            false => {
                let (parent, name) = split(&new.path);
                self.path(parent, name);
            }
        }
        new.entries.len() as u64
    }

    fn delete(&mut self, old: &Directory, new: &Directory) -> Result<(), Broken> {
        for entry in &old.entries {
            let name = old.name(entry);
            if new.entry(name).is_none() {
                self.bytes.extend_from_slice(b"D ");
                self.path(&old.path, name);
            }
        }
        self.send_if(PIECE)
    }

    fn modify(&mut self, new: &Directory, old: Option<&Directory>) -> Result<u64, Broken> {
        let mut differ = 0;
        for entry in &new.entries {
            let name = new.name(entry);
            let Some(object) = entry.object else { continue };
            let before = old.and_then(|old| old.entry(name));
            if before.is_some_and(|before| is_same(before, entry)) {
                continue;
            }
            differ += 1;
            let (mode, object) = (entry.stamp.git_mode(), HEXLOWER.encode(&object));
            let _ = write!(self.bytes, "M {mode:o} {object} ");
            self.path(&new.path, name);
        }
        self.send_if(PIECE)?;
        Ok(differ)
    }

    fn send_if(&mut self, least: usize) -> Result<(), Broken> {
        if self.bytes.len() < least {
            return Ok(());
        }
        self.pipe.turn().send(std::mem::take(&mut self.bytes))
    }
}
