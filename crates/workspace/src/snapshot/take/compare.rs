//! Which files are those of the last snapshot, so that they need not be read.

use crate::snapshot::scan::Index;
use crate::snapshot::system::mode_after;

/// Takes over the contents of the files that have not changed. Returns the number of those that have to be read.
pub(super) fn take_over(index: &mut Index, last: &Index) -> u64 {
    let mut unread = 0;
    for directory in &mut index.directories {
        let before = last.directory(&directory.path);
        if let Some(before) = before {
            directory.mode = mode_after(before.mode, directory.mode);
        }
        let mut old = before
            .map_or(&[][..], |before| &before.entries)
            .iter()
            .peekable();
        let names = &directory.names;
        for entry in &mut directory.entries {
            let name = entry.name_in(names);
            // Both are sorted.
            let found = before.and_then(|before| {
                while old.next_if(|old| before.name(old) < name).is_some() {}
                old.next_if(|old| before.name(old) == name)
            });
            if let Some(old) = found {
                entry.stamp.mode = mode_after(old.stamp.mode, entry.stamp.mode);
            }
            match found {
                Some(old) if old.settled && old.stamp == entry.stamp => entry.object = old.object,
                _ => unread += 1,
            }
        }
    }
    unread
}
