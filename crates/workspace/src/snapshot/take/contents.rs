//! Reads one file or link, so that what was read is what it was at one moment.

use std::fs::File;
use std::io::{self, Read as _};

use crate::snapshot::scan::{Entry, Hasher, ObjectId, Stamp};
use crate::snapshot::shapes::Reason;
use crate::snapshot::system::{
    FileType, Opened, Refused, Why, look, look_at, open_file, read_link,
};

use super::pipe::{Batch, Broken, PIECE, Pipe};

/// The largest file that is read into memory as a whole. Each thread does so with one at a time.
const MAX_IN_MEMORY: u64 = 4 << 20;

/// How often a file is read that is changed meanwhile.
const ATTEMPTS: usize = 3;

/// What became of a file.
pub(super) enum Outcome {
    Read(Read),
    /// It was deleted meanwhile.
    Gone,
    LeftOut(Reason),
}

/// A file that was read, and is on its way to git.
pub(super) struct Read {
    pub(super) stamp: Stamp,
    pub(super) object: ObjectId,
    /// Whether it was changed while it was read, each time.
    pub(super) changed: bool,
}

/// Why no more is read.
pub(super) enum Stop {
    Broken,
    /// The system has no descriptors left.
    System(io::Error),
}

impl From<Broken> for Stop {
    fn from(Broken: Broken) -> Self {
        Self::Broken
    }
}

/// Where contents go.
pub(super) struct Sink<'a> {
    pub(super) pipe: &'a Pipe,
    pub(super) batch: Batch<'a>,
    pub(super) max_bytes: u64,
    /// What was read last; kept because to make it anew costs more than to read a small file.
    pub(super) buffer: Vec<u8>,
}

impl Sink<'_> {
    /// Reads it, and sends it to git unless it has the contents that it had.
    pub(super) fn read(
        &mut self,
        directory: &Opened,
        name: &[u8],
        entry: &Entry,
        before: Option<ObjectId>,
    ) -> Result<Outcome, Stop> {
        let read = match entry.stamp.is_link() {
            true => self.link(directory, name),
            false => self.file(directory, name),
        };
        let (read, in_memory) = match read {
            Ok(Some(read)) => read,
            Ok(None) => return Ok(Outcome::LeftOut(Reason::Changed)),
            Err(Failure::TooLarge) => return Ok(Outcome::LeftOut(Reason::TooLarge)),
            Err(Failure::Broken) => return Err(Stop::Broken),
            Err(Failure::System(error)) => {
                return match error.why {
                    Why::Gone => Ok(Outcome::Gone),
                    Why::Exhausted => Err(Stop::System(error.into())),
                    // Something else has taken its place meanwhile.
                    Why::Link | Why::NotDirectory | Why::Invalid => {
                        Ok(Outcome::LeftOut(Reason::Changed))
                    }
                    _ => Ok(Outcome::LeftOut(Reason::Unreadable)),
                };
            }
        };
        if in_memory && before != Some(read.object) {
            self.batch.blob(&self.buffer)?;
        }
        Ok(Outcome::Read(read))
    }

    fn link(&mut self, directory: &Opened, name: &[u8]) -> Result<Option<(Read, bool)>, Failure> {
        let stamp = || look(directory, name);
        let first = stamp()?;
        self.buffer = read_link(directory, name, std::mem::take(&mut self.buffer))?;
        Ok(Some((self.whole(first, stamp()? != first), true)))
    }

    /// Describes what is in the buffer.
    fn whole(&self, stamp: Stamp, changed: bool) -> Read {
        let mut hasher = Hasher::new(self.buffer.len() as u64);
        hasher.update(&self.buffer);
        Read {
            stamp,
            object: hasher.finish(),
            changed,
        }
    }

    /// `None` if there is no way to read it as it is changed all the time. The flag says whether its contents are in the
    /// buffer; otherwise git has them.
    fn file(&mut self, directory: &Opened, name: &[u8]) -> Result<Option<(Read, bool)>, Failure> {
        for attempt in 1..=ATTEMPTS {
            let mut file = open_file(directory, name)?;
            let stamp = look_at(&file)?;
            if stamp.file_type() != FileType::RegularFile {
                return Err(Refused::of(Why::Invalid).into());
            }
            if stamp.size > self.max_bytes {
                return Err(Failure::TooLarge);
            }
            let in_memory = stamp.size <= MAX_IN_MEMORY;
            let mut read = if in_memory {
                self.buffer.clear();
                // One byte more than it should have, to see that.
                let mut limited = (&mut file).take(stamp.size + 1);
                limited.read_to_end(&mut self.buffer)?;
                Some(self.whole(stamp, self.buffer.len() as u64 != stamp.size))
            } else {
                self.stream(&mut file, stamp)?
            };
            if let Some(read) = &mut read {
                read.changed |= look_at(&file)? != stamp;
            }
            match read {
                Some(read) if !read.changed || attempt == ATTEMPTS => {
                    return Ok(Some((read, in_memory)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Sends a large file piece by piece. `None` if it has become shorter: git got zeros for the rest, and nothing
    /// refers to that.
    fn stream(&mut self, file: &mut File, stamp: Stamp) -> Result<Option<Read>, Failure> {
        self.batch.flush()?;
        let turn = self.pipe.turn();
        let mut hasher = Hasher::new(stamp.size);
        turn.send(format!("blob\ndata {}\n", stamp.size).into_bytes())?;
        let (mut left, mut short, mut failed) = (stamp.size, false, None);
        while left > 0 {
            let length = left.min(PIECE as u64);
            let mut piece = Vec::with_capacity(PIECE);
            // The declared length has to follow, whatever happens: other blobs are behind it.
            if let Err(error) = file.by_ref().take(length).read_to_end(&mut piece) {
                failed.get_or_insert(error);
            }
            short |= (piece.len() as u64) < length;
            piece.resize(usize::try_from(length).unwrap_or(PIECE), 0);
            hasher.update(&piece);
            turn.send(piece)?;
            left -= length;
        }
        turn.send(b"\n".to_vec())?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        Ok((!short).then(|| Read {
            stamp,
            object: hasher.finish(),
            changed: false,
        }))
    }
}

enum Failure {
    TooLarge,
    Broken,
    System(Refused),
}

impl From<Broken> for Failure {
    fn from(Broken: Broken) -> Self {
        Self::Broken
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::System(refused)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error.into())
    }
}
