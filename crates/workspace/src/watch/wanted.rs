//! What one watch wants to hear of, and what it hears of one change.

use std::ops::BitOr;

use serde_json::Value;

use crate::watcher::ChangeKind;

use super::change::name;
use super::pattern::Selection;

/// The kinds of changes that a watch asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const ALL: Self = Self(0b1111);

    pub(super) const NAMED: [ChangeKind; 4] = [
        ChangeKind::Created,
        ChangeKind::Modified,
        ChangeKind::Deleted,
        ChangeKind::Renamed,
    ];

    /// The set of kinds with these names. `None` if one is unknown, or if there is none.
    pub(super) fn read(names: &[String]) -> Option<Self> {
        let kind = |text: &String| Self::NAMED.into_iter().find(|one| name(*one) == text);
        let mut set = 0;
        for text in names {
            set |= Self::bit(kind(text)?);
        }
        (set != 0).then_some(Self(set))
    }

    const fn bit(kind: ChangeKind) -> u8 {
        match kind {
            ChangeKind::Created => 1,
            ChangeKind::Modified => 1 << 1,
            ChangeKind::Deleted => 1 << 2,
            ChangeKind::Renamed => 1 << 3,
        }
    }

    pub(super) const fn has(self, kind: ChangeKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }
}

/// What is needed of a change to compare it with a watch. Paths are relative to the root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) kind: ChangeKind,
    pub(super) path: &'a str,
    pub(super) old_path: Option<&'a str>,
    /// Something else had the new path of a rename before.
    pub(super) replaced: bool,
    /// How many of its names a rule hides, from the root on.
    pub(super) hidden: usize,
}

/// What somebody hears of a change: the union of what its watches say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// The change as it is.
    pub(super) whole: bool,
    /// Of a rename: that the old path is gone.
    pub(super) deleted: bool,
    /// Of a rename: that the new path is there, or is another file now.
    pub(super) created: bool,
}

impl BitOr for Sight {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            whole: self.whole | other.whole,
            deleted: self.deleted | other.deleted,
            created: self.created | other.created,
        }
    }
}

/// What one watch wants to hear of.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) selection: Selection,
    pub(super) kinds: Kinds,
    /// Whether the default ignores and `.gitignore` files hide something from it.
    pub(super) rules: bool,
    /// Its id, if its client wants to be told which of its watches a change is for.
    pub(super) tag: Option<Value>,
}

impl Wanted {
    /// What it hears of a change. A watch sees the world of its paths: what is renamed into it is created, what is renamed
    /// out of it is deleted. So is a rename inside for a watch that did not ask for `renamed`: otherwise it would miss that
    /// the old path is gone.
    pub(super) fn sight(&self, seen: &Seen<'_>) -> Sight {
        let hidden = if self.rules { seen.hidden } else { 0 };
        let inside = |path: &str| self.selection.matches(path, hidden);
        let mut sight = Sight::default();
        let is = inside(seen.path);
        let (ChangeKind::Renamed, Some(old)) = (seen.kind, seen.old_path) else {
            sight.whole = is && self.kinds.has(seen.kind);
            return sight;
        };
        let was = inside(old);
        if is && was && self.kinds.has(ChangeKind::Renamed) {
            sight.whole = true;
        } else {
            sight.deleted = was && self.kinds.has(ChangeKind::Deleted);
            sight.created = is && self.kinds.has(ChangeKind::arrival(seen.replaced));
        }
        sight
    }
}
