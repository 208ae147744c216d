//! What the system says of a file, by which a change is seen without reading it.

use super::system::FileType;

/// How far a file's time may be behind the clock: the kernel's own clock for files goes on in steps of up to 10 ms.
const TICK: i64 = 20_000_000;

/// The same for file systems that keep whole seconds, or two of them.
const COARSE_TICK: i64 = 2_000_000_000;

const SECOND: i64 = 1_000_000_000;

/// What the system says of a file. A changed file has another one, unless it was changed at the very moment when it
/// was read: [`Stamp::is_settled`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Type and permissions.
    pub(crate) mode: u32,
    pub(crate) size: u64,
    pub(crate) inode: u64,
    /// Nanoseconds, of the contents and of anything.
    pub(crate) modified: i64,
    pub(crate) changed: i64,
}

impl Stamp {
    /// Its type.
    pub(crate) fn file_type(&self) -> FileType {
        FileType::from_raw_mode(self.mode as _)
    }

    pub(crate) fn is_link(&self) -> bool {
        self.file_type() == FileType::Symlink
    }

    /// Whether it is the same file with the same contents. Its time of change may differ: that changes when another
    /// name of it is deleted.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        let of = |stamp: &Self| (stamp.inode, stamp.size, stamp.modified);
        of(self) == of(other) && self.file_type() == other.file_type()
    }

    /// The mode in a tree of git.
    pub(crate) fn git_mode(&self) -> u32 {
        match self.file_type() {
            FileType::Symlink => 0o120_000,
            _ if self.mode & 0o100 != 0 => 0o100_755,
            _ => 0o100_644,
        }
    }

    /// The permissions that a snapshot keeps of a file. Set-user-ID and set-group-ID bits are not kept: the owner, whose
    /// rights they give away, is not kept either.
    pub(crate) const fn permissions(&self) -> u32 {
        self.mode & 0o777
    }

    /// Whether the last change was over before `since`, so that any later one shows. This is the rule of git's index
    /// for files that are "racily clean". The time of change is compared, which no program can set.
    pub(crate) const fn is_settled(&self, since: i64) -> bool {
        let tick = match self.changed % SECOND {
            0 => COARSE_TICK,
            _ => TICK,
        };
        self.changed.saturating_add(tick) < since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_changed_in_this_moment_is_not_settled() {
        let at = |changed| Stamp {
            changed,
            ..Stamp::default()
        };
        let now = 100 * SECOND + 500;
        assert!(!at(now).is_settled(now));
        assert!(!at(now - TICK).is_settled(now));
        assert!(at(now - TICK - 1).is_settled(now));
        assert!(!at(now + SECOND).is_settled(now));
        assert!(!at(99 * SECOND).is_settled(now));
        assert!(at(97 * SECOND).is_settled(now));
    }
}
