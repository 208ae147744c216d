//! Reads all files that have changed, in several threads, and sends them to git.

use std::thread;

use cap_std::fs::Dir;
use loopwire_channel::CommandError;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::root::refusal;
use crate::snapshot::error::closed;
use crate::snapshot::progress::Meter;
use crate::snapshot::scan::{Directory, Found, Index, LeftOut, Stamp, threads};
use crate::snapshot::shapes::Reason;
use crate::snapshot::system::{mode_after, open_directory};

use super::contents::{Outcome, Sink, Stop};
use super::pipe::{Batch, Pipe};

/// What the threads share.
pub(super) struct Feed<'a> {
    pub(super) root: &'a Dir,
    pub(super) max_bytes: u64,
    /// The files of the last snapshot.
    pub(super) last: &'a Index,
    pub(super) pipe: &'a Pipe,
    pub(super) meter: &'a Meter,
    pub(super) stop: &'a CancellationToken,
}

impl Feed<'_> {
    /// Reads what has no object yet. What cannot be read is taken out of the index. False if git has ended. Blocks.
    pub(super) fn run(&self, found: &mut Found) -> Result<bool, CommandError> {
        let open = Mutex::new(found.index.directories.iter_mut());
        let ended = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let work = || {
                let done = self.work(&open);
                ended.lock().push(done);
            };
            for _ in 1..threads() {
                // Without it the others do the work.
                let _ = thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
        for done in ended.into_inner() {
            match done {
                Ok(skipped) => found.skipped.extend(skipped),
                Err(Stop::Broken) => return Ok(false),
                Err(Stop::System(error)) => return Err(refusal(&error)),
            }
        }
        match self.stop.is_cancelled() {
            true => Err(closed()),
            false => Ok(true),
        }
    }

    fn work<'d>(
        &self,
        open: &Mutex<impl Iterator<Item = &'d mut Directory>>,
    ) -> Result<LeftOut, Stop> {
        let mut skipped = LeftOut::default();
        let mut sink = Sink {
            pipe: self.pipe,
            batch: Batch::new(self.pipe),
            max_bytes: self.max_bytes,
            buffer: Vec::new(),
        };
        loop {
            let next = open.lock().next();
            match next {
                Some(directory) if !self.stop.is_cancelled() => {
                    self.directory(directory, &mut sink, &mut skipped)?;
                }
                _ => break,
            }
        }
        sink.batch.flush()?;
        Ok(skipped)
    }

    fn directory(
        &self,
        directory: &mut Directory,
        sink: &mut Sink<'_>,
        skipped: &mut LeftOut,
    ) -> Result<(), Stop> {
        if directory.entries.iter().all(|entry| entry.object.is_some()) {
            return Ok(());
        }
        let before = self.last.directory(&directory.path);
        let opened = match open_directory(self.root, &directory.path) {
            Ok(opened) => opened,
            Err(error) if error.is_exhausted() => {
                return Err(Stop::System(error.into()));
            }
            // It was deleted or replaced meanwhile; what has not changed before goes, too.
            Err(_) => {
                skipped.add(directory.path.clone(), Reason::Changed);
                directory.entries.clear();
                return Ok(());
            }
        };
        let mut entries = std::mem::take(&mut directory.entries);
        for entry in &mut entries {
            if entry.object.is_some() || self.stop.is_cancelled() {
                continue;
            }
            let name = directory.name(entry);
            let old = before.and_then(|before| before.entry(name)?.object);
            match sink.read(&opened, name, entry, old)? {
                Outcome::Read(read) => {
                    if read.changed {
                        skipped.add(directory.join(name), Reason::Changed);
                    }
                    entry.stamp = Stamp {
                        mode: mode_after(entry.stamp.mode, read.stamp.mode),
                        ..read.stamp
                    };
                    entry.object = Some(read.object);
                    self.meter.add(1, read.stamp.size);
                }
                Outcome::Gone => {}
                Outcome::LeftOut(reason) => skipped.add(directory.join(name), reason),
            }
        }
        entries.retain(|entry| entry.object.is_some());
        directory.entries = entries;
        Ok(())
    }
}
