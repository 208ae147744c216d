//! Windows: the tree is watched by `ReadDirectoryChangesW`, in a thread of its own.
//!
//! `notify` does that, too, but says nothing when the system has lost changes: neither when the buffer was too small nor when
//! it is told so (`ERROR_NOTIFY_ENUM_DIR`), after which it watches no more.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::mem::size_of_val;
use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_NOTIFY_ENUM_DIR, WAIT_OBJECT_0};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OVERLAPPED, FILE_LIST_DIRECTORY,
    FILE_NOTIFY_CHANGE_ATTRIBUTES, FILE_NOTIFY_CHANGE_CREATION, FILE_NOTIFY_CHANGE_DIR_NAME,
    FILE_NOTIFY_CHANGE_FILE_NAME, FILE_NOTIFY_CHANGE_LAST_WRITE, FILE_NOTIFY_CHANGE_SECURITY,
    FILE_NOTIFY_CHANGE_SIZE, GetLongPathNameW, ReadDirectoryChangesW,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, SetEvent, WaitForMultipleObjects,
};

use crate::root::may_be_short;
use crate::watcher::system::raw::{RawEvent, Refusal};
use crate::watcher::system::records::names;

use super::beneath::OpenDir;
use super::waiting::Waiting;
use super::waker::Waker;

/// The size of the buffer, in units of four bytes: 64 KiB, the most that a file server accepts.
const BUFFER_UNITS: usize = 16 << 10;

const CHANGES: u32 = FILE_NOTIFY_CHANGE_FILE_NAME
    | FILE_NOTIFY_CHANGE_DIR_NAME
    | FILE_NOTIFY_CHANGE_ATTRIBUTES
    | FILE_NOTIFY_CHANGE_SIZE
    | FILE_NOTIFY_CHANGE_LAST_WRITE
    | FILE_NOTIFY_CHANGE_CREATION
    | FILE_NOTIFY_CHANGE_SECURITY;

/// The system's watch of the tree.
pub(crate) struct System {
    root: PathBuf,
    watch: Option<Watching>,
    waiting: Waiting,
}

impl System {
    pub(crate) fn new(root: &Path, waker: Waker) -> Self {
        Self {
            root: root.to_owned(),
            watch: None,
            waiting: Waiting::new(waker),
        }
    }

    pub(crate) fn start(&mut self) -> bool {
        if self.watch.as_ref().is_some_and(Watching::is_of_no_use) {
            return false;
        }
        if self.watch.as_ref().is_none_or(Watching::has_ended) {
            let waiting = self.waiting.clone();
            let tell = move |news: Option<Vec<PathBuf>>| waiting.tell(news);
            self.watch = Watching::start(&self.root, tell).ok();
        }
        self.watch.is_some()
    }

    /// The root's watch is for all. It is taken anew when the root is back.
    pub(crate) fn watch(&mut self, _: &OpenDir, is_root: bool) -> Result<Option<i32>, Refusal> {
        if is_root {
            self.watch = None;
        }
        self.start().then_some(None).ok_or(Refusal::Unable)
    }

    /// A directory that is open here can be neither moved nor replaced.
    #[expect(clippy::unused_self, reason = "on Linux it is a watch")]
    pub(crate) fn watch_above(&mut self, _: &Path, _: bool) -> Option<i32> {
        None
    }

    #[expect(clippy::unused_self, reason = "on Linux it is a watch")]
    pub(crate) fn unwatch(&mut self, _: i32) {}

    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn read(&mut self, events: &mut Vec<RawEvent>) -> io::Result<bool> {
        self.waiting.take(events);
        Ok(false)
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>, _listen: bool) {
        self.waiting.wait(timeout);
    }
}

/// One watch is enough here.
pub(crate) fn system_limit() -> Option<usize> {
    None
}

/// The thread that watches. It ends when this is dropped.
struct Watching {
    stop: Arc<Event>,
    heard: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watching {
    /// Watches the tree. `tell` gets the paths that have changed, relative to it, or nothing if nobody knows which.
    fn start(
        root: &Path,
        tell: impl Fn(Option<Vec<PathBuf>>) + Send + 'static,
    ) -> io::Result<Self> {
        let directory = OpenOptions::new()
            .access_mode(FILE_LIST_DIRECTORY)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED)
            .open(root)?;
        let (heard, ended) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (hearing, ending) = (Arc::clone(&heard), Arc::clone(&ended));
        let stop = Arc::new(Event::new()?);
        let (stopping, root) = (Arc::clone(&stop), root.to_owned());
        let (changed, (said, begun)) = (Event::new()?, sync_channel(1));
        let watch = move || {
            let mut reading = Reading::new(directory, changed);
            let mut failed = reading.begin().err();
            let _ = said.send(());
            loop {
                let news = failed.take().unwrap_or_else(|| reading.finish(&stopping));
                hearing.fetch_or(matches!(news, News::Names(_)), Ordering::Release);
                match news {
                    News::Names(names) => tell(paths(&root, names)),
                    News::Lost => tell(None),
                    News::Stopped => return,
                    News::Gone => break,
                }
                failed = reading.begin().err();
            }
            ending.store(true, Ordering::Release);
            // What comes now, nobody hears.
            tell(None);
        };
        let thread = std::thread::Builder::new()
            .name("loopwire-changes".to_owned())
            .spawn(watch)?;
        // The system keeps changes from now on. What is looked at before that may have changed unnoticed.
        let _ = begun.recv();
        Ok(Self {
            stop,
            heard,
            ended,
            thread: Some(thread),
        })
    }

    /// Whether it has ended without any news: this file system tells nothing.
    fn is_of_no_use(&self) -> bool {
        self.has_ended() && !self.heard.load(Ordering::Acquire)
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop.set();
        if let Some(thread) = self.thread.take() {
            // It has panicked, if this fails: nothing is left of it either way.
            let _ = thread.join();
        }
    }
}

/// The paths of these names. `None` if one of them is the short name of a file that cannot be asked for its long one.
fn paths(root: &Path, names: Vec<Vec<u16>>) -> Option<Vec<PathBuf>> {
    let path = |name: Vec<u16>| {
        let path = PathBuf::from(OsString::from_wide(&name));
        let short =
            |part: std::path::Component<'_>| part.as_os_str().to_str().is_some_and(may_be_short);
        match path.components().any(short) {
            true => long(&root.join(path))?
                .strip_prefix(root)
                .ok()
                .map(Path::to_owned),
            false => Some(path),
        }
    };
    names.into_iter().map(path).collect()
}

/// The path with the long names of all that it leads through.
#[expect(unsafe_code, reason = "a call of the system with what lives here")]
fn long(path: &Path) -> Option<PathBuf> {
    let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let mut long = vec![0; 32 << 10];
    let room = u32::try_from(long.len()).ok()?;
    // SAFETY: the path ends with NUL, and the system writes no more than there is room for.
    let len = unsafe { GetLongPathNameW(path.as_ptr(), long.as_mut_ptr(), room) };
    let len = usize::try_from(len)
        .ok()
        .filter(|len| (1..long.len()).contains(len))?;
    Some(OsString::from_wide(&long[..len]).into())
}

/// An event of the system, which somebody waits for.
struct Event(OwnedHandle);

impl Event {
    #[expect(unsafe_code, reason = "calls of the system that make what is ours")]
    fn new() -> io::Result<Self> {
        // SAFETY: without attributes and name it is a new one. It is ours, if it is one.
        let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just made, and nobody else has it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(event) }))
    }

    #[expect(
        unsafe_code,
        reason = "a call of the system with a handle that is open"
    )]
    fn set(&self) {
        // SAFETY: it is open.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

/// What a wait has come to.
enum News {
    /// These have changed.
    Names(Vec<Vec<u16>>),
    /// The system has had more to tell than it could keep.
    Lost,
    /// The directory is gone, or cannot be watched.
    Gone,
    /// Nobody wants to hear more.
    Stopped,
}

/// The directory, and what the system writes to while it is read. All of it stays where it is until the system has finished.
struct Reading {
    directory: File,
    changed: Event,
    buffer: Box<[u32; BUFFER_UNITS]>,
    overlapped: Box<OVERLAPPED>,
}

impl Reading {
    fn new(directory: File, changed: Event) -> Self {
        Self {
            directory,
            changed,
            buffer: Box::new([0; BUFFER_UNITS]),
            overlapped: Box::default(),
        }
    }

    /// Asks for changes. The answer is got by [`Reading::finish`], in the same thread.
    #[expect(
        unsafe_code,
        reason = "the system writes into boxes that live until it has finished"
    )]
    fn begin(&mut self) -> Result<(), News> {
        *self.overlapped = OVERLAPPED::default();
        self.overlapped.hEvent = self.changed.0.as_raw_handle();
        let bytes = u32::try_from(size_of_val(&*self.buffer)).unwrap_or_default();
        // SAFETY: nothing moves or frees the boxes before the result was got.
        let begun = unsafe {
            ReadDirectoryChangesW(
                self.directory.as_raw_handle(),
                self.buffer.as_mut_ptr().cast(),
                bytes,
                1,
                CHANGES,
                ptr::null_mut(),
                &raw mut *self.overlapped,
                None,
            )
        };
        match begun {
            0 => Err(lost(&io::Error::last_os_error())),
            _ => Ok(()),
        }
    }

    /// Waits for the changes that were asked for.
    #[expect(unsafe_code, reason = "calls of the system with what lives here")]
    fn finish(&mut self, stop: &Event) -> News {
        let directory = self.directory.as_raw_handle();
        let events = [stop.0.as_raw_handle(), self.changed.0.as_raw_handle()];
        // SAFETY: both are open.
        let which = unsafe { WaitForMultipleObjects(2, events.as_ptr(), 0, INFINITE) };
        let changed = which == WAIT_OBJECT_0 + 1;
        let mut len = 0;
        // SAFETY: it was begun. It is waited for, cancelled or not, so that nothing is written later.
        let finished = unsafe {
            if !changed {
                CancelIoEx(directory, &raw const *self.overlapped);
            }
            GetOverlappedResult(directory, &raw const *self.overlapped, &raw mut len, 1)
        };
        match (changed, finished) {
            (false, _) => News::Stopped,
            (true, 0) => lost(&io::Error::last_os_error()),
            (true, _) => {
                let len = usize::try_from(len).unwrap_or_default();
                let bytes = self.buffer.iter().flat_map(|unit| unit.to_le_bytes());
                names(&bytes.take(len).collect::<Vec<_>>()).map_or(News::Lost, News::Names)
            }
        }
    }
}

/// What an error means: changes were lost, or there are no more.
fn lost(error: &io::Error) -> News {
    match error.raw_os_error() == Some(ERROR_NOTIFY_ENUM_DIR.cast_signed()) {
        true => News::Lost,
        false => News::Gone,
    }
}
