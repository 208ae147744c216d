//! Reads the bytes of a list's file.

use std::io::Read;
use std::path::Path;

/// The largest list: a hundred thousand entries, and a limit for a wrong path.
const MAX_LIST_BYTES: u64 = 32 << 20;

/// Some editors write it before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The file's bytes. `None` if it is too large or not a regular file: reading a named pipe would block for ever.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let file = std::fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    let count = file.take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    if count as u64 > MAX_LIST_BYTES {
        return None;
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Some(bytes)
}
