//! The short names that Windows makes for old programs (`PROGRA~1`): a second name for a file, which rules for the first one
//! do not know.

use std::path::{Component, Path, PathBuf};

use cap_std::fs::Dir;
use loopwire_channel::CommandError;

use super::error::invalid;
use super::names::{may_be_short, same};

/// Refuses a path with a short name in it. What looks like one and is a file's only name stays.
pub(super) fn check(dir: &Dir, relative: &Path) -> Result<(), CommandError> {
    let mut before = PathBuf::from(".");
    for component in relative.components() {
        if let Component::Normal(name) = component
            && let Some(name) = name.to_str()
            && may_be_short(name)
            && is_second_name(dir, &before, name)
        {
            return Err(invalid(
                "a name in the path is the short one of a file with a longer name: use that",
            ));
        }
        before.push(component);
    }
    Ok(())
}

/// Whether something is found by a name that no directory lists.
fn is_second_name(dir: &Dir, before: &Path, name: &str) -> bool {
    // What cannot be looked at is refused when it is used.
    let Ok(entries) = dir.read_dir(before) else {
        return false;
    };
    let is = |listed: std::ffi::OsString| listed.to_str().is_some_and(|listed| same(listed, name));
    let listed = entries.flatten().any(|entry| is(entry.file_name()));
    !listed && dir.symlink_metadata(before.join(name)).is_ok()
}
