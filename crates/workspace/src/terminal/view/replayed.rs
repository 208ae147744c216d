//! The data of `terminal:replayed`: from where on output was sent again, or is sent after a gap.

use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(crate) struct Replayed<'a> {
    /// Not in a reply, which gets the request's.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    /// Where the prelude begins, or the output if there is none.
    from: u64,
    pub(crate) to: u64,
    truncated: bool,
    /// The length of the prelude: so many bytes from `from` on are no output, but set the modes of the screen.
    #[serde(skip_serializing_if = "is_zero")]
    modes: usize,
    /// The stream numbers: in a reply to a client of binary messages, which knows the terminal by its id alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    streams: Option<StreamNumbers>,
    /// How many bytes of input have arrived: in a reply for a terminal that counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<u64>,
}

/// The numbers of a terminal's streams in binary messages.
#[derive(Serialize)]
pub(crate) struct StreamNumbers {
    stdout: u32,
    stderr: u32,
    stdin: u32,
}

impl<'a> Replayed<'a> {
    /// The output follows from `from` on, behind the prelude.
    pub(crate) const fn new(
        id: Option<&'a Value>,
        from: u64,
        to: u64,
        truncated: bool,
        prelude: &str,
    ) -> Self {
        Self {
            id,
            from: from - prelude.len() as u64,
            to,
            truncated,
            modes: prelude.len(),
            streams: None,
            input: None,
        }
    }

    /// The same with the numbers of the streams: of stdout, stderr and stdin.
    pub(crate) const fn with_streams(mut self, numbers: [u32; 3]) -> Self {
        self.streams = Some(StreamNumbers::new(numbers));
        self
    }

    /// The same with the number of bytes of input that have arrived.
    pub(crate) const fn with_input(mut self, received: u64) -> Self {
        self.input = Some(received);
        self
    }
}

impl StreamNumbers {
    pub(crate) const fn new([stdout, stderr, stdin]: [u32; 3]) -> Self {
        Self {
            stdout,
            stderr,
            stdin,
        }
    }
}

const fn is_zero(count: &usize) -> bool {
    *count == 0
}
