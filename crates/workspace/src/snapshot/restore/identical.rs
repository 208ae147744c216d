//! Whether a file is what a snapshot has of it, found by reading it.

use std::fs::File;
use std::io::{self, Read as _};

use crate::snapshot::scan::{Entry, Hasher, ObjectId};
use crate::snapshot::system::{Opened, Result, look, open_file, read_link};

/// How much is read at once.
const BUFFER: usize = 256 << 10;

/// Whether it has the same type and contents. Its permissions are left as they are.
pub(super) fn is_identical(opened: &Opened, name: &[u8], entry: &Entry) -> Result<bool> {
    let stamp = look(opened, name)?;
    if stamp.file_type() != entry.stamp.file_type() {
        return Ok(false);
    }
    if stamp.is_link() {
        let target = read_link(opened, name, Vec::new())?;
        let mut hasher = Hasher::new(target.len() as u64);
        hasher.update(&target);
        return Ok(Some(hasher.finish()) == entry.object);
    }
    // One that cannot be read is not known to be the same.
    let Ok(file) = open_file(opened, name) else {
        return Ok(false);
    };
    Ok(Some(hash(file, stamp.size)?) == entry.object)
}

fn hash(mut file: File, size: u64) -> io::Result<ObjectId> {
    let mut hasher = Hasher::new(size);
    let mut piece = vec![0; BUFFER];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finish()),
            length => hasher.update(&piece[..length]),
        }
    }
}
