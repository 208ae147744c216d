//! A file, or a range of it, that is being read. Its functions block on the disk.

use std::fs::{File, Metadata};
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use cap_std::fs::{Dir, OpenOptions};
use data_encoding::HEXLOWER;
use loopwire_channel::CommandError;
use ring::digest::{Context, SHA256};

use crate::file::done::Done;
use crate::file::error::{changed, no_memory, out_of_range, too_large};
use crate::root::{Root, not_a_file, refusal};

use super::contents::{at_most, gives_less_than_it_says, without_size};

/// A range of at most this many bytes is read before its size is told, so that what is told is what there is. It is
/// about what a connection gets at a time.
const MAX_READ_AHEAD: u64 = 256 << 10;

/// A range of a file. Its size is what the file had when it was opened.
pub(crate) struct FileRange {
    source: Source,
    digest: Context,
    /// The length of the range.
    pub(super) size: u64,
    /// The length of the file.
    pub(super) total: u64,
    /// Names the file, however it is called: two readings with the same one are of one file.
    pub(super) version: String,
    /// The position of the next byte in the file.
    pub(super) offset: u64,
    pub(super) left: u64,
}

enum Source {
    File(File),
    /// What is left of a range that was read ahead.
    Memory(Bytes),
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
        let version = version(&metadata);
        // A file of /proc says that it has no bytes, whatever it has.
        if metadata.len() == 0 {
            let bytes = without_size(&file, offset, length, max_bytes)?;
            let size = bytes.len() as u64;
            let total = offset + size;
            return Ok(Self::new(
                Source::Memory(bytes),
                offset,
                size,
                total,
                version,
            ));
        }
        let Some(rest) = metadata.len().checked_sub(offset) else {
            return Err(out_of_range());
        };
        let size = rest.min(length.unwrap_or(u64::MAX));
        if size > max_bytes {
            return Err(too_large(max_bytes));
        }
        file.seek(SeekFrom::Start(offset))
            .map_err(|error| refusal(&error))?;
        if size > MAX_READ_AHEAD {
            let total = metadata.len();
            return Ok(Self::new(Source::File(file), offset, size, total, version));
        }
        let mut total = metadata.len();
        let mut bytes = at_most(&file, size)?;
        if (bytes.len() as u64) < size {
            // A file of /sys says 4096, whatever it has.
            if !gives_less_than_it_says(&file, offset + bytes.len() as u64)? {
                return Err(changed());
            }
            bytes = without_size(&file, offset, length, max_bytes)?;
            total = offset + bytes.len() as u64;
        }
        let size = bytes.len() as u64;
        Ok(Self::new(
            Source::Memory(bytes),
            offset,
            size,
            total,
            version,
        ))
    }

    fn new(source: Source, offset: u64, size: u64, total: u64, version: String) -> Self {
        Self {
            source,
            digest: Context::new(&SHA256),
            size,
            total,
            version,
            offset,
            left: size,
        }
    }

    /// The next bytes, at most `max`. Empty at the end.
    pub(super) fn piece(&mut self, max: usize) -> Result<Bytes, CommandError> {
        let piece = self.take(max)?;
        self.digest.update(&piece);
        Ok(piece)
    }

    /// All of it at once.
    pub(crate) fn whole(mut self) -> Result<Vec<u8>, CommandError> {
        let length = usize::try_from(self.left).map_err(|_| no_memory())?;
        Ok(self.take(length)?.into())
    }

    pub(super) fn done(self, path: String) -> Done {
        Done {
            path,
            size: self.size,
            sha256: HEXLOWER.encode(self.digest.finish().as_ref()),
            atomic: true,
        }
    }

    fn take(&mut self, max: usize) -> Result<Bytes, CommandError> {
        let length = self.left.min(max as u64);
        let piece = match &mut self.source {
            Source::Memory(bytes) => {
                bytes.split_to(usize::try_from(length).map_err(|_| no_memory())?)
            }
            Source::File(file) => at_most(file, length)?,
        };
        let read = piece.len() as u64;
        self.left -= read;
        self.offset += read;
        if read < length {
            match &self.source {
                // The rest does not exist, though the file says so.
                Source::File(file) if gives_less_than_it_says(file, self.offset)? => {
                    self.size -= self.left;
                    self.left = 0;
                }
                _ => return Err(changed()),
            }
        }
        Ok(piece)
    }
}

/// The time of birth tells a file from a later one that got its number.
fn version(metadata: &Metadata) -> String {
    let born = metadata.created().ok();
    let born = born.and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    let born = born.unwrap_or_default().as_nanos();
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        format!("{:x}-{:x}-{born:x}", metadata.dev(), metadata.ino())
    }
    #[cfg(not(unix))]
    format!("{born:x}")
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
