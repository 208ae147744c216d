//! What `git diff-tree -r -z --raw` puts out, read entry by entry.

/// The mode of a nested repository's commit, which is no object of the store.
const COMMIT_MODE: &[u8] = b"160000";

/// One entry: how a path differs between two trees.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawEntry<'a> {
    /// `A`, `D`, `M`, `R` or `T`.
    pub(super) status: u8,
    pub(super) path: &'a [u8],
    /// The path in the old tree, if the file was renamed.
    pub(super) old_path: Option<&'a [u8]>,
    /// The object in the old tree, unless there is none.
    pub(super) old: Option<&'a [u8]>,
    /// The object in the new tree, unless there is none.
    pub(super) new: Option<&'a [u8]>,
}

/// The entries of an output. It ends early at bytes that are no entry.
pub(super) struct RawEntries<'a>(&'a [u8]);

pub(super) const fn entries(output: &[u8]) -> RawEntries<'_> {
    RawEntries(output)
}

impl<'a> RawEntries<'a> {
    /// What has not been read: nothing, if all of the output was entries.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    fn field(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
        let end = memchr::memchr(0, rest)?;
        let (field, behind) = (&rest[..end], &rest[end + 1..]);
        *rest = behind;
        Some(field)
    }
}

impl<'a> Iterator for RawEntries<'a> {
    type Item = RawEntry<'a>;

    fn next(&mut self) -> Option<RawEntry<'a>> {
        let mut rest = self.0;
        let head = Self::field(&mut rest)?.strip_prefix(b":")?;
        let mut parts = head.split(|byte| *byte == b' ');
        let (old_mode, new_mode) = (parts.next()?, parts.next()?);
        let (old, new) = (parts.next()?, parts.next()?);
        // A renamed file's status has a figure behind its letter: how similar both are.
        let status = *parts.next()?.first()?;
        let first = Self::field(&mut rest)?;
        let (path, old_path) = match status {
            b'R' | b'C' => (Self::field(&mut rest)?, Some(first)),
            _ => (first, None),
        };
        self.0 = rest;
        Some(RawEntry {
            status,
            path,
            old_path,
            old: object(old_mode, old),
            new: object(new_mode, new),
        })
    }
}

/// The object that an entry names, unless there is none in the store.
fn object<'a>(mode: &[u8], hash: &'a [u8]) -> Option<&'a [u8]> {
    let none = mode == COMMIT_MODE || hash.iter().all(|byte| *byte == b'0');
    (!none).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_read_entry_by_entry() {
        let output = b":000000 100644 0000 aaaa A\0new\xff\n name\0:100644 100755 aaaa bbbb M\0b\0\
            :100644 100644 cccc dddd R087\0from\0to\0:160000 000000 eeee 0000 D\0nested\0";
        let mut all = entries(output);
        let read: Vec<_> = all.by_ref().collect();
        assert_eq!(all.rest(), b"");
        let (old, new) = (Some(&b"cccc"[..]), Some(&b"dddd"[..]));
        let renamed = RawEntry {
            status: b'R',
            path: b"to",
            old_path: Some(b"from"),
            old,
            new,
        };
        assert_eq!(read[2], renamed);
        assert_eq!(
            (read[0].path, read[0].old, read[0].new),
            (&b"new\xff\n name"[..], None, Some(&b"aaaa"[..]))
        );
        assert_eq!((read[3].old, read[3].new), (None, None));
        assert_eq!(read.len(), 4);
    }

    #[test]
    fn an_output_that_was_cut_off_is_not_all_read() {
        let mut all = entries(b":000000 100644 0000 aaaa A\0a\0:100644 100644 aaaa bb");
        assert_eq!(all.by_ref().count(), 1);
        assert!(!all.rest().is_empty());
    }
}
