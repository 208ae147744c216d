//! The files of the snapshot that is restored.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use loopwire_channel::CommandError;

use crate::snapshot::error::store_failed;
use crate::snapshot::format::PERMISSIONS;
use crate::snapshot::permissions::Permissions;
use crate::snapshot::scan::{Directory, Index, Stamp, split};
use crate::snapshot::store::Store;

const REGULAR: u32 = 0o100_000;
const EXECUTABLE: u32 = 0o100_755;
const LINK: u32 = 0o120_000;
const DIRECTORY: u32 = 0o040_000;

/// Reads what a snapshot holds.
pub(super) async fn load(store: &Store, commit_hash: &str) -> Result<Index, CommandError> {
    let tree = store.files_tree(commit_hash).await?;
    let listed = store
        .run(&["ls-tree", "-r", "-z", "--full-tree", &tree])
        .await?;
    let permissions = format!("{commit_hash}:{PERMISSIONS}");
    let permissions = store.run(&["cat-file", "blob", &permissions]).await?;
    let permissions = Permissions::parse(&permissions);
    let target = permissions.and_then(|permissions| read(&listed, &permissions));
    target.ok_or_else(|| store_failed("the snapshot was not made by this version, or is damaged"))
}

fn read(listed: &[u8], permissions: &Permissions) -> Option<Index> {
    let mut directories = BTreeMap::new();
    directory(&mut directories, b"", permissions);
    for path in permissions.directories.keys() {
        is_inside(path).then_some(())?;
        directory(&mut directories, path, permissions);
    }
    for record in listed
        .split(|byte| *byte == 0)
        .filter(|one| !one.is_empty())
    {
        // "100644 blob <name>\t<path>"
        let tab = memchr::memchr(b'\t', record)?;
        let (head, path) = (
            std::str::from_utf8(&record[..tab]).ok()?,
            &record[tab + 1..],
        );
        is_inside(path).then_some(())?;
        let mut parts = head.split(' ');
        let (mode, _, name) = (parts.next()?, parts.next()?, parts.next()?);
        let mode = u32::from_str_radix(mode, 8).ok()?;
        let mode = match mode {
            LINK => LINK,
            _ => REGULAR | permissions.of_file(path, mode == EXECUTABLE),
        };
        let object = HEXLOWER.decode(name.as_bytes()).ok()?.try_into().ok()?;
        let stamp = Stamp {
            mode,
            ..Stamp::default()
        };
        let (parent, name) = split(path);
        directory(&mut directories, parent, permissions).add(name, stamp, Some(object));
    }
    let mut directories: Vec<Directory> = directories.into_values().collect();
    directories.iter_mut().for_each(Directory::sort);
    Some(Index { directories })
}

/// The directory with this path, made with those above it if it is new.
fn directory<'a>(
    directories: &'a mut BTreeMap<Vec<u8>, Directory>,
    path: &[u8],
    permissions: &Permissions,
) -> &'a mut Directory {
    if !directories.contains_key(path) && !path.is_empty() {
        directory(directories, split(path).0, permissions);
    }
    let made = directories.entry(path.to_vec());
    made.or_insert_with(|| Directory {
        path: path.to_vec(),
        mode: DIRECTORY | permissions.of_directory(path),
        ..Directory::default()
    })
}

/// Whether a path can only lead to what a snapshot may hold. The store is trusted; but a path that leads out of the
/// workspace, or into a repository, is too bad to be trusted to anybody.
fn is_inside(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/')
        .all(|part| !matches!(part, b"" | b"." | b"..") && !part.eq_ignore_ascii_case(b".git"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn files_and_directories_have_their_permissions_and_nothing_leads_out() {
        let permissions = b"f 644\0x 755\0d 750\0f 600 a/b/secret\0d 700 empty/one\0";
        let permissions = Permissions::parse(permissions).unwrap();
        let name = "0123456789abcdef0123456789abcdef01234567";
        let listed = format!(
            "100644 blob {name}\ta/b/secret\0100755 blob {name}\ta/run\0120000 blob {name}\tlink\0"
        );
        let index = read(listed.as_bytes(), &permissions).unwrap();
        let shown: Vec<_> = index
            .directories
            .iter()
            .map(|one| (one.path.as_slice(), one.mode, one.entries.len()))
            .collect();
        let expected: [(&[u8], u32, usize); 5] = [
            (b"", 0o40_750, 1),
            (b"a", 0o40_750, 1),
            (b"a/b", 0o40_750, 1),
            (b"empty", 0o40_750, 0),
            (b"empty/one", 0o40_700, 0),
        ];
        assert_eq!(shown, expected);
        assert_eq!(
            index.entry(b"a/b", b"secret").unwrap().stamp.mode,
            0o100_600
        );
        assert_eq!(index.entry(b"a", b"run").unwrap().stamp.mode, 0o100_755);
        for path in [
            "../x",
            "a/../x",
            "/x",
            "a//x",
            ".git/config",
            "a/.GIT/x",
            ".",
        ] {
            let listed = format!("100644 blob {name}\t{path}\0");
            assert!(read(listed.as_bytes(), &permissions).is_none(), "{path}");
        }
    }
}
