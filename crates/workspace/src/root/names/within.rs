//! Whether an absolute path lies within another one, by its text.

use super::fold::same;
use super::is_separator;
use super::prefix::{Prefix, plain, prefix};

/// The rest of an absolute path behind `base`, whatever the case and the separators. `.` if nothing is left; `None` if it
/// does not begin with that.
pub(crate) fn within(path: &str, base: &str) -> Option<String> {
    let (path, base) = (usual(path)?, usual(base)?);
    if !matches!(prefix(&base), Prefix::Drive | Prefix::Unc) || prefix(&path) != prefix(&base) {
        return None;
    }
    let mut names = path.split(is_separator).filter(|name| !name.is_empty());
    for name in base.split(is_separator).filter(|name| !name.is_empty()) {
        if !names.next().is_some_and(|own| same(own, name)) {
            return None;
        }
    }
    let rest: Vec<_> = names.collect();
    Some(match rest.is_empty() {
        true => ".".to_owned(),
        false => rest.join("\\"),
    })
}

/// The path without the system's own prefix. `None` if it has no other form.
fn usual(path: &str) -> Option<String> {
    match prefix(path) {
        Prefix::Verbatim => plain(path),
        _ => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_within_another_one_whatever_its_form() {
        let base = r"C:\Code\Root";
        for (path, expected) in [
            (r"C:\Code\Root", "."),
            (r"c:/code/ROOT/", "."),
            (r"C:\Code\Root\a\b", r"a\b"),
            (r"c:\\code//root\a", "a"),
            (r"\\?\C:\Code\Root\a", "a"),
            // Whether that leads out is found when it is used.
            (r"C:\Code\Root\..\x", r"..\x"),
        ] {
            assert_eq!(within(path, base).as_deref(), Some(expected), "{path}");
        }
        for path in [
            r"C:\Code\Root2",
            r"C:\Code",
            r"D:\Code\Root\a",
            r"\Code\Root\a",
            "C:Code\\Root",
            r"\\C:\Code\Root",
            r"\\?\C:\Code\Root\nul",
            r"\\?\C:\Code\Root\a/b",
            r"\\.\C:\Code\Root\a",
            r"Code\Root",
            "",
        ] {
            assert_eq!(within(path, base), None, "{path}");
        }
        let share = within(r"\\?\UNC\server\share\x\y", r"\\SERVER\Share\X");
        assert_eq!(share.as_deref(), Some("y"));
        assert_eq!(within(r"\\server\share2\x", r"\\server\share"), None);
    }
}
