//! The message of a snapshot's commit: the user's text, and a last paragraph that says what the snapshot is.

use crate::snapshot::shapes::Kind;

/// The version of what `format` describes. A store of a later one is not read.
const FORMAT: u32 = 1;

/// What a snapshot's message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// The user's text; empty without one.
    pub(crate) message: String,
    pub(crate) kind: Kind,
    /// The snapshot's number. Without it two snapshots of the same second could be the same commit.
    pub(crate) number: u64,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// How many files and directories it does not hold.
    pub(crate) skipped: u64,
}

impl Note {
    /// The whole message.
    pub(crate) fn render(&self) -> String {
        let Self {
            message,
            kind,
            number,
            files,
            bytes,
            skipped,
        } = self;
        let kind = kind.name();
        format!(
            "{message}\n\nLoopwire-Format: {FORMAT}\nLoopwire-Kind: {kind}\nLoopwire-Number: {number}\nLoopwire-Files: {files}\n\
             Loopwire-Bytes: {bytes}\nLoopwire-Skipped: {skipped}\n"
        )
    }

    /// Reads a message. `None` if it is not one of this format.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // A text of the user may look like trailers: only the last paragraph counts.
        let (message, trailers) = text.trim_end_matches('\n').rsplit_once("\n\n")?;
        let value = |name: &str| {
            let mut lines = trailers.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let number = |name| value(name)?.parse().ok();
        if value("Loopwire-Format")?.parse() != Ok(FORMAT) {
            return None;
        }
        let kind = match value("Loopwire-Kind")? {
            "manual" => Kind::Manual,
            "safety" => Kind::Safety,
            _ => return None,
        };
        Some(Self {
            message: message.to_owned(),
            kind,
            number: number("Loopwire-Number")?,
            files: number("Loopwire-Files")?,
            bytes: number("Loopwire-Bytes")?,
            skipped: number("Loopwire-Skipped")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        for message in [
            "",
            "one",
            "one\n\ntwo\n\nLoopwire-Kind: safety",
            "\n\n",
            "end\n",
        ] {
            let note = Note {
                message: message.to_owned(),
                kind: Kind::Manual,
                number: 2,
                files: 3,
                bytes: 4,
                skipped: 5,
            };
            assert_eq!(Note::parse(&note.render()), Some(note));
        }
        assert_eq!(Note::parse("Loopwire-Format: 1\n"), None);
        assert_eq!(Note::parse("a\n\nLoopwire-Format: 2\n"), None);
    }
}
