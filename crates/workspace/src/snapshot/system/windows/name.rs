//! Names: those of a snapshot are bytes of UTF-8, those of the system have 16 bits for each unit.

use crate::root::check_names;
use crate::snapshot::system::refused::{Refused, Result, Why};

/// One name for the system. What it would read as something else, and what it cannot have, is refused.
pub(super) fn checked(name: &[u8]) -> Result<&str> {
    let refused = Refused::of(Why::Name);
    let name = std::str::from_utf8(name).map_err(|_| refused)?;
    let is_one = !matches!(name, "" | "." | "..") && !name.contains(['/', '\\']);
    match is_one && check_names(name).is_ok() {
        true => Ok(name),
        false => Err(refused),
    }
}

/// A path of a snapshot, or the target of a link, with the system's own separators.
pub(super) fn with_backslashes(path: &[u8]) -> Result<String> {
    let path = std::str::from_utf8(path).map_err(|_| Refused::of(Why::Name))?;
    Ok(path.replace('/', "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_means_something_else_is_refused() {
        let wrong: [&[u8]; 14] = [
            b"",
            b".",
            b"..",
            b"a/b",
            b"a\\b",
            b"..\\x",
            b"nul",
            b"COM1.txt",
            b"a:b",
            b".git.",
            b".git ",
            b"a?",
            b"\xff",
            // Half of a pair, as Rust writes it.
            b"\xed\xa0\x80",
        ];
        for name in wrong {
            let refused = checked(name).map_err(|refused| refused.why);
            assert_eq!(refused, Err(Why::Name), "{name:?}");
        }
        for name in ["a", ".gitignore", "ä b", "x~1"] {
            assert_eq!(checked(name.as_bytes()), Ok(name));
        }
    }
}
