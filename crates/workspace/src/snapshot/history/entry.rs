//! A snapshot as git tells of it.

use std::time::{Duration, SystemTime};

use loopwire_channel::{CommandError, json};

use crate::snapshot::error::store_failed;
use crate::snapshot::format::{Note, Reference};
use crate::snapshot::records::SnapshotEntry;

/// What `git for-each-ref` is told to put out of each snapshot: fields that end with a NUL.
pub(super) const FORMAT: &str =
    "--format=%(objectname) %(refname)%00%(committerdate:unix)%00%(contents)%00";

/// A snapshot as `git for-each-ref` puts it out with [`FORMAT`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) reference: Reference,
    pub(super) taken: SystemTime,
    pub(super) note: Note,
}

impl Told {
    /// Reads all of an output.
    pub(super) fn all(output: &[u8]) -> Result<Vec<Self>, CommandError> {
        let output = String::from_utf8_lossy(output);
        let mut fields = output.split('\0');
        let mut all = Vec::new();
        while let (Some(reference), Some(time), Some(message)) =
            (fields.next(), fields.next(), fields.next())
        {
            // The fields of a snapshot are followed by an end of line.
            let reference = Reference::parse(reference.trim_start_matches('\n'))?;
            all.push(Self::read(reference, time, message)?);
        }
        Ok(all)
    }

    fn read(reference: Reference, time: &str, message: &str) -> Result<Self, CommandError> {
        let seconds = time.parse().map(Duration::from_secs).ok();
        let taken = seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(seconds));
        // Git leaves out the empty lines before a message that is nothing but trailers.
        let note = Note::parse(message).or_else(|| Note::parse(&format!("\n\n{message}")));
        match (taken, note) {
            (Some(taken), Some(note)) => Ok(Self {
                reference,
                taken,
                note,
            }),
            _ => Err(store_failed(
                "the store has a snapshot that this version cannot read; a later version may have made it",
            )),
        }
    }

    pub(super) fn entry(self) -> SnapshotEntry {
        SnapshotEntry {
            commit_hash: self.reference.commit_hash,
            message: self.note.message,
            created_at: json::timestamp(self.taken),
            files: self.note.files,
            bytes: self.note.bytes,
            kind: self.note.kind,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::snapshot::shapes::Kind;

    #[test]
    fn an_output_is_read_snapshot_by_snapshot() {
        let note = Note {
            message: "two\nlines".to_owned(),
            kind: Kind::Safety,
            number: 3,
            files: 3,
            bytes: 4,
            skipped: 0,
        };
        let one = |number: u64| {
            format!(
                "{number:040x} refs/snapshots/{number:020}\x007\0{}\0\n",
                note.render()
            )
        };
        let told = Told::all((one(12) + &one(11)).as_bytes()).unwrap();
        let entries: Vec<_> = told.into_iter().map(Told::entry).collect();
        let expected = SnapshotEntry {
            commit_hash: format!("{:040x}", 12),
            message: "two\nlines".to_owned(),
            created_at: "1970-01-01T00:00:07.000Z".to_owned(),
            files: 3,
            bytes: 4,
            kind: Kind::Safety,
        };
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0], expected);
        assert_eq!(Told::all(b"").unwrap(), []);
        let without = one(1).replace("two\nlines\n\n", "");
        let told = Told::all(without.as_bytes()).unwrap();
        assert_eq!(told[0].note.message, "");
    }

    #[test]
    fn a_snapshot_that_cannot_be_read_is_told_and_not_left_out() {
        let odd = format!("{:040x} refs/snapshots/{:020}\x007\0only a text\0\n", 1, 1);
        assert_eq!(
            Told::all(odd.as_bytes()).unwrap_err().code,
            "SNAPSHOT_FAILED"
        );
    }
}
