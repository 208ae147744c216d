//! The files of a workspace at one moment, directory by directory, in little memory.

use crate::snapshot::system::Stamp;

/// The name of a blob.
pub(crate) type ObjectId = [u8; 20];

/// A file in an index: the number of its directory, and its own there.
pub(crate) type Place = (usize, usize);

/// All directories, sorted by path.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) directories: Vec<Directory>,
}

/// One directory with its files and links; directories in it are in [`Index::directories`].
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// Relative to the root, without a slash at its end; empty for the root itself.
    pub(crate) path: Vec<u8>,
    /// Its type and permissions.
    pub(crate) mode: u32,
    /// Sorted by name.
    pub(crate) entries: Vec<Entry>,
    /// All names, back to back: an allocation for each of a million files would cost more than the file system.
    pub(crate) names: Vec<u8>,
}

/// A file or a link. Small, as there may be millions of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Where its name is.
    pub(crate) name: (u32, u32),
    pub(crate) stamp: Stamp,
    /// The blob with its contents; `None` while it was not read.
    pub(crate) object: Option<ObjectId>,
    /// Whether the file has the same contents as long as it has the same stamp. Only a cache and a snapshot know that.
    pub(crate) settled: bool,
}

impl Index {
    /// The directory with this path.
    pub(crate) fn directory(&self, path: &[u8]) -> Option<&Directory> {
        Some(&self.directories[self.number(path)?])
    }

    fn number(&self, path: &[u8]) -> Option<usize> {
        let found = (self.directories).binary_search_by(|one| one.path.as_slice().cmp(path));
        found.ok()
    }

    /// Where the file with this name in this directory is.
    pub(crate) fn place(&self, directory: &[u8], name: &[u8]) -> Option<Place> {
        let at = self.number(directory)?;
        Some((at, self.directories[at].number(name)?))
    }

    /// The file with this name in this directory.
    pub(crate) fn entry(&self, directory: &[u8], name: &[u8]) -> Option<&Entry> {
        self.directory(directory)?.entry(name)
    }

    /// The number of files and links.
    pub(crate) fn files(&self) -> u64 {
        self.directories
            .iter()
            .map(|one| one.entries.len() as u64)
            .sum()
    }

    /// The bytes of them.
    pub(crate) fn bytes(&self) -> u64 {
        let entries = self.directories.iter().flat_map(|one| &one.entries);
        entries.map(|entry| entry.stamp.size).sum()
    }
}

impl Entry {
    /// Its name. `names` are those of its directory.
    pub(crate) fn name_in<'a>(&self, names: &'a [u8]) -> &'a [u8] {
        let (start, length) = (self.name.0 as usize, self.name.1 as usize);
        &names[start..start + length]
    }
}

impl Directory {
    pub(crate) fn name(&self, entry: &Entry) -> &[u8] {
        entry.name_in(&self.names)
    }

    /// The path of what has this name in it.
    pub(crate) fn join(&self, name: &[u8]) -> Vec<u8> {
        join(&self.path, name)
    }

    pub(crate) fn add(&mut self, name: &[u8], stamp: Stamp, object: Option<ObjectId>) {
        // A name has 255 bytes, and a directory of 16 million files is refused before.
        let start = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        self.names.extend_from_slice(name);
        self.entries.push(Entry {
            name: (start, length),
            stamp,
            object,
            settled: false,
        });
    }

    /// Sorts the files by name.
    pub(crate) fn sort(&mut self) {
        let names = &self.names;
        self.entries
            .sort_unstable_by(|one, other| one.name_in(names).cmp(other.name_in(names)));
    }

    pub(crate) fn entry(&self, name: &[u8]) -> Option<&Entry> {
        Some(&self.entries[self.number(name)?])
    }

    fn number(&self, name: &[u8]) -> Option<usize> {
        let found = (self.entries).binary_search_by(|entry| self.name(entry).cmp(name));
        found.ok()
    }
}

/// The path of what has this name in this directory.
pub(crate) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(directory.len() + 1 + name.len());
    path.extend_from_slice(directory);
    if !directory.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// The directory and the name of a path.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', path) {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_as_little_memory_as_documented() {
        assert_eq!(size_of::<Entry>(), 72);
    }
}
