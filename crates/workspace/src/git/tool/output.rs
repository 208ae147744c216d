//! What git has put out, as far as it is kept.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::process::ProgramExit;

/// The most lines of errors that are kept, the last ones. Git says why it has failed at the end.
const MAX_ERROR_LINES: usize = 100;

/// The most bytes of output that are kept, the first ones. Only answers of a few words, and a repository's
/// configuration, are read.
const MAX_OUTPUT_BYTES: usize = 1 << 20;

/// What git has put out.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) exit: ProgramExit,
    /// The beginning of its standard output.
    pub(crate) out: Vec<u8>,
    /// Whether there was more of it.
    pub(crate) cut: bool,
    /// The last lines of its standard error, without progress.
    pub(crate) errors: VecDeque<String>,
}

impl Output {
    /// Whether git says that it has done what was asked.
    pub(crate) fn succeeded(&self) -> bool {
        self.exit.code == Some(0)
    }

    /// Its standard output as one line.
    pub(crate) fn line(&self) -> String {
        let text = String::from_utf8_lossy(&self.out);
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }
}

/// Keeps a line of errors.
pub(super) fn keep(errors: &mut VecDeque<String>, line: &[u8]) {
    if errors.len() == MAX_ERROR_LINES {
        errors.pop_front();
    }
    errors.push_back(String::from_utf8_lossy(line).into_owned());
}

/// Reads to the end, and keeps the beginning.
pub(super) async fn read(mut from: impl AsyncRead + Unpin, kept: &mut Vec<u8>, cut: &mut bool) {
    let mut buffer = vec![0; 8 << 10];
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        let room = MAX_OUTPUT_BYTES - kept.len();
        *cut |= len > room;
        kept.extend_from_slice(&buffer[..len.min(room)]);
    }
}
