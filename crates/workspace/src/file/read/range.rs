//! A file, or a range of it, that is being read. Its functions block on the disk.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use cap_std::fs::{Dir, OpenOptions};
use data_encoding::HEXLOWER;
use loopwire_channel::CommandError;
use ring::digest::{Context, SHA256};

use crate::file::done::Done;
use crate::file::error::too_large;
use crate::root::{Root, not_a_file, refusal};

/// A range of a file. Its size is what the file had when it was opened.
pub(crate) struct FileRange {
    file: File,
    digest: Context,
    /// The length of the range.
    pub(super) size: u64,
    /// The position of the next byte in the file.
    pub(super) offset: u64,
    pub(super) left: u64,
}

impl FileRange {
    pub(crate) fn open(
        root: &Root,
        path: &str,
        offset: u64,
        length: Option<u64>,
        max_bytes: u64,
    ) -> Result<Self, CommandError> {
        let mut file = root.find(path, open)?.ok_or_else(not_a_file)?;
        let metadata = file.metadata().map_err(|error| refusal(&error))?;
        if !metadata.is_file() {
            return Err(not_a_file());
        }
        let Some(rest) = metadata.len().checked_sub(offset) else {
            return Err(CommandError::new(
                "OUT_OF_RANGE",
                "the offset is beyond the end of the file",
            ));
        };
        let size = rest.min(length.unwrap_or(u64::MAX));
        if size > max_bytes {
            return Err(too_large(max_bytes));
        }
        file.seek(SeekFrom::Start(offset))
            .map_err(|error| refusal(&error))?;
        Ok(Self {
            file,
            digest: Context::new(&SHA256),
            size,
            offset,
            left: size,
        })
    }

    /// The next bytes, at most `max`. Empty at the end.
    pub(super) fn piece(&mut self, max: usize) -> Result<Bytes, CommandError> {
        let length = usize::try_from(self.left).map_or(max, |left| left.min(max));
        let mut piece = Vec::new();
        self.fill(&mut piece, length)?;
        self.digest.update(&piece);
        self.left -= length as u64;
        self.offset += length as u64;
        Ok(piece.into())
    }

    /// All of it at once.
    pub(crate) fn whole(mut self) -> Result<Vec<u8>, CommandError> {
        let mut whole = Vec::new();
        let length = usize::try_from(self.left).map_err(|_| no_memory())?;
        self.fill(&mut whole, length)?;
        Ok(whole)
    }

    pub(super) fn done(self, path: String) -> Done {
        Done {
            path,
            size: self.size,
            sha256: HEXLOWER.encode(self.digest.finish().as_ref()),
        }
    }

    fn fill(&mut self, into: &mut Vec<u8>, length: usize) -> Result<(), CommandError> {
        into.try_reserve_exact(length).map_err(|_| no_memory())?;
        let read = (&mut self.file).take(length as u64).read_to_end(into);
        match read.map_err(|error| refusal(&error))? {
            read if read == length => Ok(()),
            _ => Err(CommandError::new(
                "FILE_CHANGED",
                "the file became shorter while it was read",
            )),
        }
    }
}

/// Opens the path if it leads to a file. Other things (a FIFO, a device) must not even be opened: that can block for
/// ever, and wake the process at the other end.
fn open(dir: &Dir, path: &Path) -> std::io::Result<Option<File>> {
    if !dir.metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut options = OpenOptions::new();
    options.read(true);
    // The file may have been replaced by a FIFO or a terminal meanwhile.
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        use rustix::fs::OFlags;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    dir.open_with(path, &options)
        .map(|file| Some(file.into_std()))
}

fn no_memory() -> CommandError {
    CommandError::new(
        "FILE_TOO_LARGE",
        "there is not enough memory for a file of this size",
    )
}
