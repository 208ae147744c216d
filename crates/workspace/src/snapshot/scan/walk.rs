//! Walks over all directories, in several threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use cap_std::fs::Dir;
use loopwire_channel::CommandError;
use parking_lot::{Condvar, Mutex};
use tokio_util::sync::CancellationToken;

use crate::root::refusal;
use crate::snapshot::error::closed;
use crate::snapshot::progress::Meter;
use crate::snapshot::shapes::Reason;
use crate::snapshot::system::{Refused, Why, open_directory};

use super::index::{Directory, Index};
use super::left_out::LeftOut;
use super::listing::list;
use super::rules::Rules;

/// The most threads: they wait for the disk in turns, and more of them gain nothing.
const MAX_THREADS: usize = 8;

/// The bounds of a snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The largest file that it holds.
    pub(crate) max_bytes: u64,
    /// The most files.
    pub(crate) max_files: u64,
}

/// What the walk has found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) index: Index,
    pub(crate) skipped: LeftOut,
}

/// How many threads are worth their while.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, |count| count.get().min(MAX_THREADS))
}

struct Walk<'a> {
    root: &'a Dir,
    limits: Limits,
    meter: &'a Meter,
    stop: &'a CancellationToken,
    state: Mutex<State>,
    more: Condvar,
    files: AtomicU64,
}

#[derive(Default)]
struct State {
    /// The directories that nobody has looked at. As many as there are directories, at the most.
    open: Vec<(Vec<u8>, Arc<Rules>)>,
    /// How many threads are looking at one.
    busy: usize,
    found: Found,
    failed: Option<CommandError>,
}

/// Looks at everything beneath the root that a snapshot holds. Nothing is read but rules. Blocks.
pub(crate) fn walk(
    root: &Dir,
    limits: Limits,
    meter: &Meter,
    stop: &CancellationToken,
) -> Result<Found, CommandError> {
    let state = State {
        open: vec![(Vec::new(), Rules::none())],
        ..State::default()
    };
    let walk = Walk {
        root,
        limits,
        meter,
        stop,
        state: Mutex::new(state),
        more: Condvar::new(),
        files: AtomicU64::new(0),
    };
    thread::scope(|scope| {
        for _ in 1..threads() {
            // Without it the others do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, || walk.work());
        }
        walk.work();
    });
    let State {
        mut found, failed, ..
    } = walk.state.into_inner();
    if let Some(error) = failed {
        return Err(error);
    }
    let by_path = |one: &Directory, other: &Directory| one.path.cmp(&other.path);
    found.index.directories.sort_unstable_by(by_path);
    Ok(found)
}

impl Walk<'_> {
    fn work(&self) {
        while let Some((path, rules)) = self.next() {
            let looked = self.look(path, &rules);
            let mut state = self.state.lock();
            state.busy -= 1;
            if let Err(error) = looked {
                state.failed.get_or_insert(error);
            }
            if state.failed.is_some() || (state.open.is_empty() && state.busy == 0) {
                self.more.notify_all();
            }
        }
    }

    fn next(&self) -> Option<(Vec<u8>, Arc<Rules>)> {
        let mut state = self.state.lock();
        loop {
            if self.stop.is_cancelled() {
                state.failed.get_or_insert_with(closed);
            }
            if state.failed.is_some() {
                return None;
            }
            if let Some(next) = state.open.pop() {
                state.busy += 1;
                return Some(next);
            }
            if state.busy == 0 {
                return None;
            }
            self.more.wait(&mut state);
        }
    }

    fn look(&self, path: Vec<u8>, rules: &Arc<Rules>) -> Result<(), CommandError> {
        let is_root = path.is_empty();
        let opened = open_directory(self.root, &path);
        let listed =
            opened.and_then(|opened| list(&opened, path.clone(), rules, self.limits.max_bytes));
        let listing = match listed {
            Ok(listing) => listing,
            Err(error) if is_root || error.is_exhausted() => return Err(refusal(&error.into())),
            // It was deleted meanwhile.
            Err(Refused { why: Why::Gone, .. }) => return Ok(()),
            Err(error) => {
                let reason = match error.why {
                    // Something else has taken its place meanwhile.
                    Why::NotDirectory | Why::Link => Reason::Changed,
                    _ => Reason::Unreadable,
                };
                self.state.lock().found.skipped.add(path, reason);
                return Ok(());
            }
        };
        let count = listing.directory.entries.len() as u64;
        let files = self.files.fetch_add(count, Ordering::Relaxed) + count;
        let max = self.limits.max_files;
        if files > max {
            return Err(CommandError::new(
                "TOO_MANY_FILES",
                format!(
                    "the workspace has more than {max} files (option maxSnapshotFiles); name those that need no \
                     snapshot in a .gitignore file"
                ),
            ));
        }
        self.meter.add(count, 0);
        let mut state = self.state.lock();
        let rules = listing.rules;
        let waiting = listing
            .directories
            .into_iter()
            .map(|path| (path, Arc::clone(&rules)));
        state.open.extend(waiting);
        state.found.skipped.extend(listing.skipped);
        state.found.index.directories.push(listing.directory);
        if state.open.len() > 1 {
            self.more.notify_all();
        }
        Ok(())
    }
}
