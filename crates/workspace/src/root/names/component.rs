//! Which names may be used in a path.

use super::device::is_device;
use super::is_separator;

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) &'static str);

/// Checks the names of a relative path.
///
/// # Errors
/// A name that no file can have, or that means another file than it says.
pub(crate) fn check(relative: &str) -> Result<(), Wrong> {
    relative.split(is_separator).try_for_each(name)
}

fn name(name: &str) -> Result<(), Wrong> {
    if matches!(name, "" | "." | "..") {
        return Ok(());
    }
    if name.contains(':') {
        return Err(Wrong(
            "a name in the path contains a colon, which stands for a drive or for a hidden stream of a file on Windows",
        ));
    }
    let forbidden = |character: char| character < ' ' || r#"<>"|?*"#.contains(character);
    if name.contains(forbidden) {
        return Err(Wrong(
            "a name in the path contains a character that Windows has in no name",
        ));
    }
    if name.ends_with(['.', ' ']) {
        return Err(Wrong(
            "a name in the path ends with a dot or a space, which Windows drops: it would mean another file",
        ));
    }
    if is_device(name) {
        return Err(Wrong(
            "a name in the path is that of a device on Windows, in every directory and with any extension",
        ));
    }
    Ok(())
}

/// Whether the system may have made the name for programs that know names of eight characters: `PROGRA~1`. Only who looks
/// can tell whether it has.
pub(crate) fn may_be_short(name: &str) -> bool {
    let (base, extension) = name.split_once('.').unwrap_or((name, ""));
    let Some((begin, number)) = base.rsplit_once('~') else {
        return false;
    };
    base.chars().count() <= 8
        && extension.chars().count() <= 3
        && !extension.contains('.')
        && !begin.is_empty()
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for wrong in [
            "a:stream",
            "a/b:$DATA",
            r"a\b::$INDEX_ALLOCATION",
            "C:x",
            "nul",
            r"a\NUL.txt\b",
            "sub/com1",
            "trailing.",
            "trailing /x",
            "...",
            ". .",
            "a*b",
            "a?b",
            "a|b",
            "a<b",
            "a\"b",
            "tab\tname",
            "bell\u{7}",
        ] {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
        for right in [
            ".", "..", "a", r"a\..\b", "a//b", "a/", ".git", "..x", "a b", "ä漢", "~1", "x~1",
            "con_", "a.b.c", "{}$#@!'`",
        ] {
            assert_eq!(check(right), Ok(()), "{right:?}");
        }
    }

    #[test]
    fn a_short_name_is_told_by_its_form() {
        for short in ["PROGRA~1", "progra~1", "GIT~1", "AB12~3.TXT", "A~123456"] {
            assert!(may_be_short(short), "{short}");
        }
        for other in [
            "PROGRAM~1",
            "a~",
            "~1",
            "a~b",
            "a~1x",
            "a~1.html",
            "backup~",
            "x",
            "a~1.b.c",
            "",
        ] {
            assert!(!may_be_short(other), "{other}");
        }
    }
}
