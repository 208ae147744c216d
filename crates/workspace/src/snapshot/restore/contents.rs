//! Reads the files of a snapshot from git into the staging directory.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufWriter, ErrorKind, Read, Write as _};

use data_encoding::HEXLOWER;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use crate::snapshot::progress::Meter;
use crate::snapshot::scan::{Index, Place};
use crate::snapshot::system::{Refused, Why};

use super::leads::leads_to_directory;
use super::stage::{Stage, complete};

/// How much is copied at once.
const BUFFER: usize = 256 << 10;

/// The longest target of a link.
const MAX_LINK: u64 = 1 << 16;

/// Which blobs git has to tell, in its language.
pub(super) fn wanted(target: &Index, written: &[Place]) -> Vec<u8> {
    let mut names = Vec::with_capacity(written.len() * 41);
    for (directory, number) in written {
        let entry = &target.directories[*directory].entries[*number];
        names.extend(
            HEXLOWER
                .encode(&entry.object.unwrap_or_default())
                .into_bytes(),
        );
        names.push(b'\n');
    }
    names
}

/// The answers of git, as they come.
pub(super) struct Answers {
    receiver: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Answers {
    pub(super) const fn new(receiver: Receiver<Vec<u8>>) -> Self {
        Self {
            receiver,
            piece: Vec::new(),
            at: 0,
        }
    }
}

impl Read for Answers {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(into.len());
        into[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Answers {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.piece.len() {
            let Some(piece) = self.receiver.blocking_recv() else {
                return Ok(&[]);
            };
            (self.piece, self.at) = (piece, 0);
        }
        Ok(&self.piece[self.at..])
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
    }
}

/// Writes all files into the staging directory. Returns the links that the system does not let us make, by their numbers:
/// everything else is restored. Blocks.
pub(super) fn unpack(
    answers: &mut impl BufRead,
    stage: &Stage<'_>,
    target: &Index,
    written: &[Place],
    durable: bool,
    (meter, stop): (&Meter, &CancellationToken),
) -> io::Result<BTreeMap<usize, Refused>> {
    let mut unstaged = BTreeMap::new();
    for (number, (directory, place)) in written.iter().enumerate() {
        let entry = &target.directories[*directory].entries[*place];
        if stop.is_cancelled() {
            return Err(ErrorKind::Interrupted.into());
        }
        let size = head(answers)?;
        let mut contents = answers.by_ref().take(size);
        if entry.stamp.is_link() {
            let mut link = Vec::new();
            contents.by_ref().take(MAX_LINK).read_to_end(&mut link)?;
            let path = &target.directories[*directory].path;
            let to_directory = || leads_to_directory(stage.root, target, path, &link);
            match stage.link(number, &link, to_directory) {
                Err(refused) if matches!(refused.why, Why::NoLinks | Why::Name) => {
                    unstaged.insert(number, refused);
                }
                made => made?,
            }
        } else {
            let file = stage.file(number)?;
            let mut writer = BufWriter::with_capacity(BUFFER, &file);
            io::copy(&mut contents, &mut writer)?;
            writer.flush()?;
            drop(writer);
            complete(&file, entry, durable)?;
        }
        if contents.limit() > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut end = [0];
        answers.read_exact(&mut end)?;
        meter.add(1, size);
    }
    Ok(unstaged)
}

/// The size in `<name> blob <size>`. Git says `missing` of what it has lost.
pub(super) fn head(answers: &mut impl BufRead) -> io::Result<u64> {
    let mut line = String::new();
    answers.take(200).read_line(&mut line)?;
    if line.is_empty() {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let size = line
        .trim_end()
        .rsplit_once(" blob ")
        .and_then(|(_, size)| size.parse().ok());
    size.ok_or_else(|| {
        io::Error::new(
            ErrorKind::InvalidData,
            "a file of the snapshot is missing in the store",
        )
    })
}
