//! How a path begins: the forms of Windows, as both separators make them.

use super::component::check;
use super::is_separator;

/// The longest path that programs without a declaration of their own take.
const MAX_PLAIN: usize = 259;

/// What a path begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// A name: the path is relative.
    None,
    /// `C:\`
    Drive,
    /// `C:` without a separator: relative to the directory that a process has on that drive.
    DriveRelative,
    /// `\`: on the drive of the process.
    Rooted,
    /// `\\server\`
    Unc,
    /// `\\?\`, `\\.\` or `\??\`: handed on as it is, to a drive, a server or a device.
    Verbatim,
}

/// What a path begins with.
pub(crate) fn prefix(path: &str) -> Prefix {
    let mut rest = path.chars();
    let first = rest.next();
    let (second, third, fourth) = (rest.next(), rest.next(), rest.next());
    let separates = |character: Option<char>| character.is_some_and(is_separator);
    match (first, second, third) {
        (Some(one), Some(mark), Some('?')) if is_separator(one) && mark == '?' => Prefix::Verbatim,
        (Some(one), Some(two), Some('?' | '.'))
            if is_separator(one)
                && is_separator(two)
                && (separates(fourth) || fourth.is_none()) =>
        {
            Prefix::Verbatim
        }
        (Some(one), Some(two), _) if is_separator(one) && is_separator(two) => Prefix::Unc,
        (Some(one), ..) if is_separator(one) => Prefix::Rooted,
        (Some(letter), Some(':'), third) if letter.is_ascii_alphabetic() => {
            match separates(third) {
                true => Prefix::Drive,
                false => Prefix::DriveRelative,
            }
        }
        _ => Prefix::None,
    }
}

/// The usual form of a path that the system has given in its own: `\\?\C:\x` is `C:\x`. `None` if it has no other form,
/// because programs would read that one differently or not at all.
pub(crate) fn plain(path: &str) -> Option<String> {
    let rest = path.strip_prefix(r"\\?\")?;
    let plain = match rest.strip_prefix(r"UNC\") {
        Some(server) => format!(r"\\{server}"),
        None => rest.to_owned(),
    };
    let names = match prefix(&plain) {
        Prefix::Drive => plain.get(3..)?,
        Prefix::Unc => plain.get(2..)?,
        _ => return None,
    };
    let dots = |name: &str| matches!(name, "." | "..");
    let reads_the_same =
        check(names).is_ok() && !names.contains('/') && !names.split('\\').any(dots);
    (reads_the_same && plain.encode_utf16().count() <= MAX_PLAIN).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_in_one_of_six_ways() {
        for (path, expected) in [
            ("", Prefix::None),
            ("a", Prefix::None),
            (".", Prefix::None),
            ("a:b:c", Prefix::DriveRelative),
            ("ä:\\x", Prefix::None),
            (r"C:\x", Prefix::Drive),
            ("c:/x", Prefix::Drive),
            ("C:", Prefix::DriveRelative),
            ("C:x", Prefix::DriveRelative),
            ("C:..", Prefix::DriveRelative),
            (r"\x", Prefix::Rooted),
            ("/", Prefix::Rooted),
            (r"\\server\share", Prefix::Unc),
            ("//server/share", Prefix::Unc),
            (r"\/server", Prefix::Unc),
            (r"\\?\C:\x", Prefix::Verbatim),
            ("//?/C:/x", Prefix::Verbatim),
            (r"\\.\PhysicalDrive0", Prefix::Verbatim),
            (r"\\.", Prefix::Verbatim),
            ("//./pipe/x", Prefix::Verbatim),
            (r"\??\C:\x", Prefix::Verbatim),
            (r"\\?\UNC\server\share", Prefix::Verbatim),
            (r"\\..\x", Prefix::Unc),
        ] {
            assert_eq!(prefix(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_of_the_system_becomes_a_usual_one_where_programs_read_both_the_same() {
        for (path, expected) in [
            (r"\\?\C:\", r"C:\"),
            (r"\\?\C:\a b\c", r"C:\a b\c"),
            (r"\\?\UNC\server\share\x", r"\\server\share\x"),
        ] {
            assert_eq!(plain(path).as_deref(), Some(expected), "{path}");
        }
        let long = format!(r"\\?\C:\{}", "a\\".repeat(200));
        for path in [
            r"C:\x",
            r"\\?\C:\nul",
            r"\\?\C:\a.",
            r"\\?\C:\a\..\b",
            r"\\?\C:\a/b",
            r"\\?\Volume{x}\a",
            r"\\?\C:",
            r"\\.\C:\x",
            &long,
        ] {
            assert_eq!(plain(path), None, "{path}");
        }
    }
}
