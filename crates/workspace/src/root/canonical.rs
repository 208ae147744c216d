//! Paths as the system knows them.

use std::io;
use std::path::{Path, PathBuf};

/// The path of what is there, without links. On Windows in the usual form where there is one: `cmd.exe` and many other
/// programs do not understand the system's own.
///
/// # Errors
/// The system's.
pub(crate) fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    let canonical = std::fs::canonicalize(path)?;
    #[cfg(windows)]
    if let Some(plain) = canonical.to_str().and_then(super::names::plain) {
        return Ok(plain.into());
    }
    Ok(canonical)
}
