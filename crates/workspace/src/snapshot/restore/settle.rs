//! Moves one staged file to its place.

use crate::file::sync_data;
use crate::snapshot::scan::Entry;
use crate::snapshot::system::{
    Opened, Refused, Result, Why, create_file, make_link, open_file, read_link, remove_file,
    rename, set_mode,
};

use super::identical::is_identical;

/// A file on its way to its place where that is on another file system.
const COPY: &str = ".loopwire-restored.tmp";

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Done,
    Changed,
    InTheWay,
}

/// Moves it. `over`: what has its name is replaced; otherwise nothing may be there that differs.
pub(super) fn settle(
    stage: &Opened,
    staged: &str,
    opened: &Opened,
    name: &[u8],
    entry: &Entry,
    over: bool,
) -> Result<Settled> {
    match rename(stage, staged, opened, name, over) {
        Err(Refused {
            why: Why::OtherDisk,
            ..
        }) => {
            let copied = copy(stage, staged, opened, entry)
                .and_then(|()| rename(opened, COPY, opened, name, over));
            if copied.is_err() {
                let _ = remove_file(opened, COPY.as_bytes());
            }
            finish(copied, opened, name, entry)
        }
        done => finish(done, opened, name, entry),
    }
}

fn finish(done: Result<()>, opened: &Opened, name: &[u8], entry: &Entry) -> Result<Settled> {
    match done {
        Ok(()) => Ok(Settled::Done),
        // No snapshot holds it, but it is what the snapshot would put there.
        Err(Refused {
            why: Why::Exists, ..
        }) => Ok(match is_identical(opened, name, entry)? {
            true => Settled::Done,
            false => Settled::InTheWay,
        }),
        Err(error) => Err(error),
    }
}

/// Copies it into its directory: that is a mount point, or behind one.
fn copy(stage: &Opened, staged: &str, opened: &Opened, entry: &Entry) -> Result<()> {
    let name = COPY.as_bytes();
    match remove_file(opened, name) {
        Ok(()) | Err(Refused { why: Why::Gone, .. }) => {}
        Err(error) => return Err(error),
    }
    if entry.stamp.is_link() {
        let target = read_link(stage, staged.as_bytes(), Vec::new())?;
        // Windows follows nothing to another file system here, so that this is not done there.
        return make_link(&target, opened, name, || false);
    }
    let mut from = open_file(stage, staged.as_bytes())?;
    let mut to = create_file(opened, name)?;
    std::io::copy(&mut from, &mut to)?;
    set_mode(&to, entry.stamp.permissions())?;
    Ok(sync_data(&to)?)
}
