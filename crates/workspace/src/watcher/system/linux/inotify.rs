//! inotify itself.
//!
//! Not through the crate `notify`: that one also asks for every opening of a file, so that each reader wakes it (our own
//! look at a file, too); it names directories by paths that somebody may replace meanwhile; it does not tell that there
//! are no watches left from that there are no instances left while it runs; and it renames the paths of its watches when
//! it has seen both halves of a rename, not in the order of events.

use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use crate::watcher::system::raw::{Happening, RawEvent, Refusal};

use super::directory::OpenDir;
use super::waker::Waker;

/// The buffer for events of one call: about a thousand.
const READ_BYTES: usize = 64 << 10;

/// How many events are taken before what is due is told: a flood must not hold that back.
const TURN: usize = 8192;

const DIRECTORY: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::ONLYDIR)
    .union(WatchFlags::EXCL_UNLINK);

/// The instance of a watcher.
pub(crate) struct System {
    /// Nothing if the system has none left.
    instance: Option<OwnedFd>,
    waker: Waker,
    buffer: Box<[MaybeUninit<u8>]>,
}

impl System {
    pub(crate) fn new(_root: &Path, waker: Waker) -> Self {
        let mut system = Self {
            instance: None,
            waker,
            buffer: vec![MaybeUninit::uninit(); READ_BYTES].into(),
        };
        system.start();
        system
    }

    /// Tries to get an instance, if there is none. Returns whether there is one.
    pub(crate) fn start(&mut self) -> bool {
        let flags = CreateFlags::CLOEXEC | CreateFlags::NONBLOCK;
        self.instance = self.instance.take().or_else(|| inotify::init(flags).ok());
        self.instance.is_some()
    }

    /// Watches a directory. Of the root it is told, too, that it was moved; of others their parent tells.
    pub(crate) fn watch(
        &mut self,
        directory: &OpenDir,
        is_root: bool,
    ) -> Result<Option<i32>, Refusal> {
        let flags = match is_root {
            true => DIRECTORY | WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF,
            false => DIRECTORY,
        };
        let instance = self.instance.as_ref().ok_or(Refusal::NoInstances)?;
        // The path names the descriptor: whatever has the directory's name meanwhile is not watched instead.
        let watched = inotify::add_watch(instance, directory.magic_path(), flags);
        watched.map(Some).map_err(|error| match error {
            Errno::NOSPC => Refusal::NoWatches,
            _ => Refusal::Unable,
        })
    }

    /// Watches whether a directory above the root is moved, and whether the root is deleted from its parent: a directory
    /// that somebody holds open does not tell of that itself, and the root is held open.
    pub(crate) fn watch_above(&mut self, path: &Path, is_parent: bool) -> Option<i32> {
        let mut flags = WatchFlags::MOVE_SELF | WatchFlags::ONLYDIR | WatchFlags::DONT_FOLLOW;
        if is_parent {
            flags |= WatchFlags::DELETE;
        }
        inotify::add_watch(self.instance.as_ref()?, path, flags).ok()
    }

    pub(crate) fn unwatch(&mut self, watch: i32) {
        if let Some(instance) = &self.instance {
            // It fails if the directory is gone, and its watch with it.
            let _ = inotify::remove_watch(instance, watch);
        }
    }

    /// Takes what has happened. Returns whether there may be more.
    pub(crate) fn read(&mut self, events: &mut Vec<RawEvent>) -> io::Result<bool> {
        let Some(instance) = &self.instance else {
            return Ok(false);
        };
        let mut reader = Reader::new(instance, &mut self.buffer);
        loop {
            match reader.next() {
                Ok(event) => events.extend(translate(&event)),
                Err(Errno::AGAIN) => return Ok(false),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if events.len() >= TURN && reader.is_buffer_empty() {
                return Ok(true);
            }
        }
    }

    /// Waits until something has happened, somebody wakes the thread, or the time has passed. Without `listen` events
    /// wait in the system's queue.
    pub(crate) fn wait(&self, timeout: Option<Duration>, listen: bool) {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let waker = PollFd::from_borrowed_fd(self.waker.descriptor(), PollFlags::IN);
        let _ = match &self.instance {
            Some(instance) if listen => {
                let instance = PollFd::new(instance, PollFlags::IN);
                poll(&mut [waker, instance], timeout.as_ref())
            }
            _ => poll(&mut [waker], timeout.as_ref()),
        };
        self.waker.clear();
    }
}

fn translate(event: &inotify::Event<'_>) -> Option<RawEvent> {
    let (watch, flags) = (event.wd(), event.events());
    if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
        return Some(RawEvent::Overflow);
    }
    let released = flags.contains(ReadFlags::IGNORED);
    let Some(name) = event.file_name().filter(|_| !released) else {
        let own = ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT;
        let itself = released || flags.intersects(own);
        return itself.then_some(RawEvent::Itself { watch, released });
    };
    let happenings = [
        (ReadFlags::CREATE, Happening::Created),
        (ReadFlags::MOVED_TO, Happening::MovedIn),
        (ReadFlags::MOVED_FROM, Happening::MovedOut),
        (ReadFlags::DELETE, Happening::Deleted),
        (ReadFlags::CLOSE_WRITE, Happening::Closed),
        (ReadFlags::MODIFY, Happening::Written),
        (ReadFlags::ATTRIB, Happening::Attributes),
    ];
    let happening = happenings.iter().find(|one| flags.contains(one.0))?.1;
    Some(RawEvent::Name {
        watch,
        name: OsStr::from_bytes(name.to_bytes()).to_owned(),
        happening,
        is_directory: flags.contains(ReadFlags::ISDIR),
        cookie: event.cookie(),
    })
}

/// The watches that one user may have, if the system says so.
pub(crate) fn system_limit() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok()?;
    text.trim().parse().ok()
}
