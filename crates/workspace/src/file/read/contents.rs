//! The bytes of a file, whatever size it says that it has.
//!
//! The files that the kernel makes up (`/proc`, `/sys`, control groups) say 0, or the most that they could have. So do
//! some file systems of programs. Such a file is read to its end.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};

use bytes::Bytes;
use loopwire_channel::CommandError;

use crate::file::error::{no_memory, out_of_range, too_large};
use crate::root::{contents_refusal, refusal};

/// The most bytes of a file without a size that are kept in memory, because their number is told before them. The
/// largest such file of usual systems, `/proc/kallsyms`, has about 12 MB.
const MAX_WITHOUT_SIZE: u64 = 16 << 20;

/// The largest offset in a file without a size. All that lies before has to be read, and such a file may be endless.
const MAX_SKIPPED: u64 = 1 << 30;

/// The bytes that are read at a time. The kernel makes up a file in pieces, and is asked for large ones, so that they
/// fit together.
const READ_BYTES: usize = 64 << 10;

/// The next bytes of a file: `length`, or fewer at its end.
pub(super) fn at_most(file: &File, length: u64) -> Result<Bytes, CommandError> {
    let capacity = usize::try_from(length).map_err(|_| no_memory())?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(capacity).map_err(|_| no_memory())?;
    let read = file.take(length).read_to_end(&mut bytes);
    read.map_err(|error| contents_refusal(&error))?;
    Ok(bytes.into())
}

/// Whether the file says that it goes on at `end`, and then gives nothing.
pub(super) fn gives_less_than_it_says(file: &File, end: u64) -> Result<bool, CommandError> {
    let metadata = file.metadata().map_err(|error| refusal(&error))?;
    if metadata.len() <= end {
        return Ok(false);
    }
    let more = read(file, &mut [0])?;
    Ok(more == 0)
}

/// A range of a file whose size means nothing, read from its beginning.
pub(super) fn without_size(
    mut file: &File,
    offset: u64,
    length: Option<u64>,
    max_bytes: u64,
) -> Result<Bytes, CommandError> {
    if offset > MAX_SKIPPED {
        return Err(out_of_range());
    }
    // Some cannot be positioned; they are at their beginning.
    let _ = file.seek(SeekFrom::Start(0));
    let max_bytes = max_bytes.min(MAX_WITHOUT_SIZE);
    let wanted = length.unwrap_or(u64::MAX);
    let mut before = offset;
    let mut bytes = Vec::new();
    let mut buffer = vec![0; READ_BYTES];
    while before > 0 || (bytes.len() as u64) < wanted {
        let count = read(file, &mut buffer)?;
        if count == 0 {
            break;
        }
        let skipped = usize::try_from(before).map_or(count, |before| before.min(count));
        before -= skipped as u64;
        let left = wanted - bytes.len() as u64;
        let taken = &buffer[skipped..count];
        let taken =
            &taken[..usize::try_from(left).map_or(taken.len(), |left| left.min(taken.len()))];
        bytes.extend_from_slice(taken);
        if bytes.len() as u64 > max_bytes {
            return Err(match max_bytes < MAX_WITHOUT_SIZE {
                true => too_large(max_bytes),
                false => endless(),
            });
        }
    }
    match before {
        0 => Ok(bytes.into()),
        _ => Err(out_of_range()),
    }
}

fn read(mut file: &File, into: &mut [u8]) -> Result<usize, CommandError> {
    loop {
        match file.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A file of messages (`/proc/kmsg`) has no more now, and nobody waits for the next one.
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(0),
            read => return read.map_err(|error| contents_refusal(&error)),
        }
    }
}

fn endless() -> CommandError {
    let message = format!(
        "the file does not say how large it is, and has more than {MAX_WITHOUT_SIZE} bytes; read a part of it, with \
         offset and length"
    );
    CommandError::new("FILE_TOO_LARGE", message)
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use rustix::fs::OFlags;
    use rustix::pipe::pipe;

    use super::*;

    #[test]
    fn a_file_that_would_make_its_reader_wait_ends_there() {
        let (reader, writer) = pipe().unwrap();
        rustix::fs::fcntl_setfl(&reader, OFlags::NONBLOCK).unwrap();
        rustix::io::write(&writer, b"some messages").unwrap();
        let reader = File::from(reader);
        assert_eq!(without_size(&reader, 5, None, 100).unwrap(), "messages");
        assert_eq!(without_size(&reader, 0, None, 100).unwrap(), "");
    }
}
