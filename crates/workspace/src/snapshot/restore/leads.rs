//! Whether a link leads to a directory. On Windows that is another kind of link, and a snapshot does not say which one it was.

use cap_std::fs::Dir;

use crate::snapshot::scan::{Index, split};
use crate::snapshot::system;

/// Whether the target of a link in this directory is a directory: one of the snapshot, or else one that is there.
pub(super) fn leads_to_directory(
    root: &Dir,
    target: &Index,
    directory: &[u8],
    link: &[u8],
) -> bool {
    let inside = joined(directory, link);
    (inside.as_deref().and_then(|path| in_snapshot(target, path)))
        .unwrap_or_else(|| system::leads_to_directory(root, directory, link, inside.as_deref()))
}

/// `None` if the snapshot does not have it, or has a further link in its place.
fn in_snapshot(target: &Index, path: &[u8]) -> Option<bool> {
    if target.directory(path).is_some() {
        return Some(true);
    }
    let (parent, name) = split(path);
    let entry = target.entry(parent, name)?;
    (!entry.stamp.is_link()).then_some(false)
}

/// The path that a relative link leads to, by its text. `None` if that is outside of the root.
fn joined(directory: &[u8], link: &[u8]) -> Option<Vec<u8>> {
    if matches!(link.first(), Some(b'/' | b'\\')) || link.get(1) == Some(&b':') {
        return None;
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    let both = directory
        .split(|byte| *byte == b'/')
        .chain(link.split(|byte| *byte == b'/'));
    for part in both {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::scan::{Directory, Stamp};

    #[test]
    fn a_link_leads_to_a_directory_if_the_snapshot_has_one_there() {
        let at = |path: &[u8]| Directory {
            path: path.to_vec(),
            ..Directory::default()
        };
        let mut source = at(b"a/b");
        for (name, mode) in [(&b"file"[..], 0o100_644), (b"link", 0o120_000)] {
            let stamp = Stamp {
                mode,
                ..Stamp::default()
            };
            source.add(name, stamp, None);
        }
        let target = Index {
            directories: vec![at(b""), at(b"a"), source, at(b"c")],
        };
        for (link, expected) in [
            (&b"../../c"[..], Some(true)),
            (b".", Some(true)),
            (b"../..", Some(true)),
            (b".././b/", Some(true)),
            (b"file", Some(false)),
            (b"link", None),
            (b"missing", None),
            (b"../../../x", None),
            (b"/c", None),
            (b"C:/c", None),
        ] {
            let inside = joined(b"a/b", link);
            let found = inside.and_then(|path| in_snapshot(&target, &path));
            assert_eq!(found, expected, "{link:?}");
        }
    }
}
