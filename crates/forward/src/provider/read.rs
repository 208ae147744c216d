//! Reads the bytes of a list's file.

use std::io;
use std::path::Path;

use loopwire_trust::read_regular;

/// The largest list: a hundred thousand entries, and a limit for a wrong path.
const MAX_LIST_BYTES: u64 = 32 << 20;

/// Some editors write it before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The file's bytes.
///
/// # Errors
/// The system's error; it is too large or not a regular file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = read_regular(path, MAX_LIST_BYTES)?;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}
