//! What is known of a file. Hashes where only equality counts: there may be a million of these.

/// What kind of thing a name leads to. Links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Directory,
    /// A link, or a special file.
    Other,
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// 0 for a directory.
    pub(crate) size: u64,
    /// A hash of the modification time and the mode; 0 for a directory, whose times change with each entry.
    pub(crate) stamp: u64,
    /// A hash of the device, the inode and the time of birth. Without that time, a new file may have the number of one
    /// that was deleted a moment ago. 0 where the file system does not tell.
    pub(crate) identity: u64,
    pub(crate) kind: Kind,
    /// Whether the identity contains the time of birth.
    pub(crate) sure: bool,
    /// Whether the file has another name, too.
    pub(crate) linked: bool,
}

impl Facts {
    pub(crate) fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// Whether both are one and the same file, which may have changed.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.identity == other.identity && self.kind == other.kind
    }

    /// Whether the file of these facts is the one of `other` under another name.
    pub(crate) fn is_moved(&self, other: &Self) -> bool {
        let alike = self.sure || (self.size == other.size && self.stamp == other.stamp);
        self.identity != 0 && self.is_same(other) && alike
    }

    pub(crate) fn is_changed(&self, other: &Self) -> bool {
        self.size != other.size || self.stamp != other.stamp
    }
}

/// A hash of a few numbers (the finaliser of SplitMix64). Not against attackers: whoever can choose inode numbers and
/// times of birth can only confuse a rename with a creation.
pub(crate) fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9E37_79B9_7F4A_7C15, |hash, part| {
        let mut bits = hash.rotate_left(23) ^ *part;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    })
}
