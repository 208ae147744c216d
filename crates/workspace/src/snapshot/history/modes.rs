//! Files whose permissions differ and nothing else: git's trees do not say that.

use std::collections::HashSet;

use loopwire_channel::CommandError;

use crate::snapshot::error::store_failed;
use crate::snapshot::format::PERMISSIONS;
use crate::snapshot::permissions::Permissions;
use crate::snapshot::store::Store;

/// The modes of regular files in a tree.
const FILE: &[u8] = b"100644";
const EXECUTABLE: &[u8] = b"100755";

/// A file that both snapshots have with the same contents: its path and its object.
pub(super) type Same = (Vec<u8>, Vec<u8>);

/// The files of these snapshots that have other permissions, except those that are known to differ. `tree` has the files of
/// the second one.
pub(super) async fn changed(
    store: &Store,
    (from, to): (&str, &str),
    tree: &str,
    known: &HashSet<&[u8]>,
) -> Result<Vec<Same>, CommandError> {
    let (before, after) = (blob(store, from).await?, blob(store, to).await?);
    if before == after {
        return Ok(Vec::new());
    }
    let parse = |blob: &[u8]| {
        let odd = || store_failed("a snapshot's permissions cannot be read");
        Permissions::parse(blob).ok_or_else(odd)
    };
    let (before, after) = (parse(&before)?, parse(&after)?);
    let listed = store.run(&["ls-tree", "-r", "-z", tree]).await?;
    let mut changed = Vec::new();
    for (mode, object, path) in listed.split(|byte| *byte == 0).filter_map(entry) {
        let executable = match mode {
            FILE => false,
            EXECUTABLE => true,
            // Links have no permissions.
            _ => continue,
        };
        let differs = before.of_file(path, executable) != after.of_file(path, executable);
        if differs && !known.contains(path) {
            changed.push((path.to_vec(), object.to_vec()));
        }
    }
    Ok(changed)
}

async fn blob(store: &Store, commit_hash: &str) -> Result<Vec<u8>, CommandError> {
    let name = format!("{commit_hash}:{PERMISSIONS}");
    store.run(&["cat-file", "blob", &name]).await
}

/// Mode, object and path of `100644 blob 0123…\tpath`.
fn entry(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let tab = memchr::memchr(b'\t', line)?;
    let mut head = line[..tab].split(|byte| *byte == b' ');
    Some((head.next()?, head.nth(1)?, &line[tab + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_tree_is_read() {
        let line = b"100644 blob 0123abcd\ta b\tc\xff";
        let read = entry(line);
        assert_eq!(read, Some((FILE, &b"0123abcd"[..], &b"a b\tc\xff"[..])));
        assert_eq!(entry(b""), None);
    }
}
