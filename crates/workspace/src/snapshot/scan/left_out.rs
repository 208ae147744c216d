//! What a snapshot leaves out, in bounded memory.

use std::cmp::Reverse;

use crate::snapshot::shapes::{Reason, Skipped, SkippedFiles};

/// How many of the ignored ones, and of the others, are remembered. There may be far more than files that are held.
const MAX_KEPT: usize = 10_000;

/// What is left out.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    count: u64,
    ignored: Vec<Vec<u8>>,
    others: Vec<(Vec<u8>, Reason)>,
}

impl LeftOut {
    pub(crate) fn add(&mut self, path: Vec<u8>, reason: Reason) {
        self.count += 1;
        match reason {
            Reason::Ignored if self.ignored.len() < MAX_KEPT => self.ignored.push(path),
            Reason::Ignored => {}
            _ if self.others.len() < MAX_KEPT => self.others.push((path, reason)),
            _ => {}
        }
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.count += other.count;
        self.ignored.extend(other.ignored);
        self.ignored.truncate(MAX_KEPT);
        self.others.extend(other.others);
        self.others.truncate(MAX_KEPT);
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// The first of them: what went wrong before what somebody has asked for.
    pub(crate) fn summary(self) -> SkippedFiles {
        let Self {
            count,
            mut ignored,
            mut others,
        } = self;
        others.sort_unstable_by(|(path, reason), (other_path, other)| {
            (Reverse(reason), path).cmp(&(Reverse(other), other_path))
        });
        ignored.sort_unstable();
        let ignored = ignored.into_iter().map(|path| (path, Reason::Ignored));
        let first = others.into_iter().chain(ignored);
        let listed = first.take(SkippedFiles::MAX_LISTED);
        SkippedFiles {
            count,
            listed: listed
                .map(|(path, reason)| Skipped { path, reason })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_ones_come_last_and_not_all_are_listed() {
        let (mut all, mut more) = (LeftOut::default(), LeftOut::default());
        for number in (0..2 * MAX_KEPT).rev() {
            all.add(format!("{number:05}").into_bytes(), Reason::Ignored);
        }
        more.add(b"z".to_vec(), Reason::Unreadable);
        more.add(b"00000".to_vec(), Reason::Ignored);
        more.extend(all);
        let summary = more.summary();
        assert_eq!(summary.count, 20_002);
        assert_eq!(summary.listed.len(), SkippedFiles::MAX_LISTED);
        assert_eq!(summary.listed[0].path, b"z");
        assert_eq!(summary.listed[1].path, b"00000");
    }
}
