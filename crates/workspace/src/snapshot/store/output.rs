//! What a git puts out, and how it ended.

use std::io::{self, ErrorKind};
use std::path::Path;

use loopwire_channel::{Cause, CommandError};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::process::ProgramExit;
use crate::snapshot::error::{git_not_found, io_error, no_space, store_failed};

/// The most that is kept of what git says about a failure: the last lines are what one needs.
const MAX_TOLD: usize = 16 << 10;

/// What git says when the disk is full: the system's words, and its own.
const FULL: [&str; 3] = [
    "No space left on device",
    "Disk quota exceeded",
    "Out of diskspace",
];

/// Reads to the end. An error if there are more than `max` bytes; git is not held up by that.
pub(crate) async fn read_all(
    from: &mut (impl AsyncRead + Unpin),
    max: usize,
) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    let mut all = 0;
    loop {
        let len = from.read(&mut piece).await;
        let len = len.map_err(|error| io_error("git's output cannot be read", &error))?;
        if len == 0 {
            break;
        }
        all += len;
        if all <= max {
            bytes.extend_from_slice(&piece[..len]);
        }
    }
    match all <= max {
        true => Ok(bytes),
        false => Err(store_failed("git put out more than can be kept in memory")),
    }
}

/// Reads to the end; keeps the last bytes.
pub(super) async fn read_last(from: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut told = Vec::new();
    let mut piece = vec![0; 4096];
    while let Ok(len @ 1..) = from.read(&mut piece).await {
        told.extend_from_slice(&piece[..len]);
        let over = told.len().saturating_sub(MAX_TOLD);
        told.drain(..over);
    }
    told
}

/// The error if git has failed. `place` is the store's directory.
pub(super) fn check(
    exit: &ProgramExit,
    command: &str,
    told: &[u8],
    place: &Path,
) -> Result<(), CommandError> {
    if exit.code == Some(0) {
        return Ok(());
    }
    let told = String::from_utf8_lossy(told);
    if FULL.iter().any(|text| told.contains(text)) {
        return Err(no_space().at(place.to_string_lossy()));
    }
    let fatal = |line: &&str| line.starts_with("fatal: ") || line.starts_with("error: ");
    let mut lines = told.lines().map(str::trim).filter(|line| !line.is_empty());
    let why = lines.clone().find(fatal).or_else(|| lines.next_back());
    let how = match (&exit.signal, exit.code) {
        (Some(signal), _) => format!("was ended by {signal}"),
        (None, code) => format!("failed with exit code {}", code.unwrap_or(-1)),
    };
    // Clients need not know where the store is.
    let place = place.to_string_lossy();
    let hidden = |line: &str| {
        let line = line.replace(&*place, "(store)");
        // Git has slashes on every system.
        match cfg!(windows) {
            true => line.replace(&place.replace('\\', "/"), "(store)"),
            false => line,
        }
    };
    let why = why.map(|line| format!(": {}", hidden(line)));
    let why = why.unwrap_or_default();
    Err(store_failed(&format!("git {command} {how}{why}")).at(place))
}

/// Why git could not be started.
pub(super) fn not_started(error: &io::Error) -> CommandError {
    let refusal = match error.kind() {
        ErrorKind::NotFound => git_not_found("there is no git"),
        ErrorKind::PermissionDenied => git_not_found("git may not be executed"),
        _ => store_failed(&format!("git could not be started: {error}")),
    };
    refusal.because(Cause::of(error).during("spawn").at_path("git"))
}
