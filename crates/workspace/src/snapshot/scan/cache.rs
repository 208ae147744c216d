//! The index of the last snapshot, kept on the disk beside the store, so that only changed files are read.
//!
//! It is no more than a help: without it, or with one that is damaged or belongs to a snapshot that is gone, all files are
//! read again.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use loopwire_channel::CommandError;
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN, digest};

use crate::snapshot::error::store_error;
use crate::snapshot::work::blocking;

use super::index::{Directory, Entry, Index};
use crate::snapshot::system::{Stamp, patiently, persist};

/// The file in the store's directory.
const NAME: &str = "index";

/// The format. The bytes after it are little-endian numbers.
const MAGIC: &[u8; 8] = b"LWSNIX01";

/// The largest one that is read. A million files with the longest names have a third of it.
const MAX_BYTES: u64 = 1 << 30;

/// How much is written at once.
const BUFFER: usize = 1 << 20;

/// The bytes of a file in it, without its name.
const ENTRY_BYTES: usize = 65;

/// The index of a snapshot that the store has.
#[derive(Debug)]
pub(crate) struct Cache {
    /// The snapshot.
    pub(crate) commit_hash: String,
    /// The tree with its files.
    pub(crate) files_tree: String,
    pub(crate) index: Index,
}

/// Reads it. `None` if there is none that can be used.
pub(crate) fn load(place: &Path) -> Option<Cache> {
    let path = place.join(NAME);
    if fs::metadata(&path).ok()?.len() > MAX_BYTES {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SHA256_OUTPUT_LEN)?)?;
    if digest(&SHA256, body).as_ref() != sum {
        return None;
    }
    Reader(body.strip_prefix(MAGIC)?).cache()
}

/// Whether there is one, perhaps a damaged one.
pub(crate) fn is_cached(place: &Path) -> bool {
    place.join(NAME).exists()
}

/// Forgets it: the store has lost what it refers to, or is about to. The next snapshot reads all files.
pub(crate) async fn forget(place: &Path) -> Result<(), CommandError> {
    let path = place.join(NAME);
    blocking(move || match patiently(|| fs::remove_file(&path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(store_error("the store cannot be used", &path, &error).during("unlink"))
        }
        _ => Ok(()),
    })
    .await
}

/// Replaces it. `since` is when the files were looked at first. Nothing is lost if it does not survive, so nobody waits for the disk.
pub(crate) fn save(place: &Path, cache: &Cache, since: i64) -> io::Result<()> {
    let file = tempfile::Builder::new()
        .prefix("index-")
        .tempfile_in(place)?;
    let mut writer = Writer {
        file: file.as_file(),
        sum: Context::new(&SHA256),
        bytes: MAGIC.to_vec(),
    };
    writer.text(cache.commit_hash.as_bytes());
    writer.text(cache.files_tree.as_bytes());
    writer.number(cache.index.directories.len());
    for directory in &cache.index.directories {
        writer.text(&directory.path);
        writer.bytes.extend(directory.mode.to_le_bytes());
        writer.text(&directory.names);
        writer.number(directory.entries.len());
        for entry in &directory.entries {
            writer.entry(entry, since);
        }
        if writer.bytes.len() >= BUFFER {
            writer.flush()?;
        }
    }
    writer.flush()?;
    let sum = writer.sum.finish();
    file.as_file().write_all(sum.as_ref())?;
    persist(file, &place.join(NAME))
}

struct Writer<'a> {
    file: &'a File,
    sum: Context,
    bytes: Vec<u8>,
}

impl Writer<'_> {
    fn number(&mut self, number: usize) {
        self.bytes.extend((number as u64).to_le_bytes());
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len());
        self.bytes.extend_from_slice(text);
    }

    fn entry(&mut self, entry: &Entry, since: i64) {
        let stamp = &entry.stamp;
        self.bytes.extend(entry.name.0.to_le_bytes());
        self.bytes.extend(entry.name.1.to_le_bytes());
        self.bytes.extend(stamp.mode.to_le_bytes());
        self.bytes.extend(stamp.size.to_le_bytes());
        self.bytes.extend(stamp.inode.to_le_bytes());
        self.bytes.extend(stamp.modified.to_le_bytes());
        self.bytes.extend(stamp.changed.to_le_bytes());
        self.bytes.push(u8::from(stamp.is_settled(since)));
        self.bytes.extend(entry.object.unwrap_or_default());
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sum.update(&self.bytes);
        self.file.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

/// What is left to be read. Its bytes have the right sum, so only another version of this file could be misread.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.bytes()?)).ok()
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }

    fn string(&mut self) -> Option<String> {
        String::from_utf8(self.text()?.to_vec()).ok()
    }

    fn cache(&mut self) -> Option<Cache> {
        let (commit_hash, files_tree) = (self.string()?, self.string()?);
        let mut index = Index::default();
        for _ in 0..self.number()? {
            let path = self.text()?.to_vec();
            let mode = u32::from_le_bytes(self.bytes()?);
            let names = self.text()?.to_vec();
            let count = self.number()?;
            let mut entries = Vec::with_capacity(count.min(self.0.len() / ENTRY_BYTES));
            for _ in 0..count {
                entries.push(self.entry(names.len())?);
            }
            index.directories.push(Directory {
                path,
                mode,
                entries,
                names,
            });
        }
        Some(Cache {
            commit_hash,
            files_tree,
            index,
        })
    }

    fn entry(&mut self, names: usize) -> Option<Entry> {
        let name = (
            u32::from_le_bytes(self.bytes()?),
            u32::from_le_bytes(self.bytes()?),
        );
        let stamp = Stamp {
            mode: u32::from_le_bytes(self.bytes()?),
            size: u64::from_le_bytes(self.bytes()?),
            inode: u64::from_le_bytes(self.bytes()?),
            modified: i64::from_le_bytes(self.bytes()?),
            changed: i64::from_le_bytes(self.bytes()?),
        };
        let settled = self.bytes()? == [1];
        let object = Some(self.bytes()?);
        let is_inside = name.0.checked_add(name.1)? as usize <= names;
        is_inside.then_some(Entry {
            name,
            stamp,
            object,
            settled,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn cache() -> Cache {
        let mut directory = Directory {
            path: b"a/\xff".to_vec(),
            mode: 0o40_755,
            ..Directory::default()
        };
        let stamp = Stamp {
            mode: 0o100_644,
            size: 1 << 40,
            inode: 7,
            modified: -1,
            changed: 5,
        };
        directory.add(b"one", stamp, Some([3; 20]));
        directory.add(b"two\n", stamp, Some([4; 20]));
        Cache {
            commit_hash: "c".repeat(40),
            files_tree: "d".repeat(40),
            index: Index {
                directories: vec![Directory::default(), directory],
            },
        }
    }

    #[tokio::test]
    async fn it_is_read_as_it_was_written_and_not_at_all_if_it_is_damaged() {
        let place = tempfile::tempdir().unwrap();
        assert!(load(place.path()).is_none());
        save(place.path(), &cache(), i64::MAX).unwrap();
        let read = load(place.path()).unwrap();
        let mut written = cache();
        let entries = written
            .index
            .directories
            .iter_mut()
            .flat_map(|one| &mut one.entries);
        entries.for_each(|entry| entry.settled = true);
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
        let path = place.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(load(place.path()).is_none(), "{at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert!(load(place.path()).is_none(), "{at}");
        }
        forget(place.path()).await.unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
