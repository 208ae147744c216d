//! The system's own way to watch a tree: FSEvents, by `notify`.
//!
//! `notify` does not ask to hear of the directories above the root, and drops what is said of them. When the system has lost
//! events, it may say so of one of these. So it is looked from time to time, whatever was told.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::watcher::system::raw::{RawEvent, Refusal};

use super::beneath::OpenDir;
use super::waiting::Waiting;
use super::waker::Waker;

/// How often it is looked whether the root is still there. A look costs some microseconds.
const LOOK: Duration = Duration::from_secs(1);

/// How often everything is compared, if that does not take long.
const COMPARE: Duration = Duration::from_secs(60);

/// The system's watch of the tree.
pub(crate) struct System {
    root: PathBuf,
    watch: Option<RecommendedWatcher>,
    waiting: Waiting,
    looked: Instant,
    compared: Instant,
}

impl System {
    pub(crate) fn new(root: &Path, waker: Waker) -> Self {
        Self {
            root: root.to_owned(),
            watch: None,
            waiting: Waiting::new(waker),
            looked: Instant::now(),
            compared: Instant::now(),
        }
    }

    pub(crate) fn start(&mut self) -> bool {
        if self.watch.is_none() {
            let (root, waiting) = (self.root.clone(), self.waiting.clone());
            let told = move |event: notify::Result<Event>| match event {
                Ok(event) if event.need_rescan() => waiting.tell(None),
                Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
                Ok(event) => {
                    let below = event
                        .paths
                        .iter()
                        .filter_map(|one| one.strip_prefix(&root).ok());
                    waiting.tell(Some(below.map(Path::to_owned).collect()));
                }
                Err(_) => waiting.tell(None),
            };
            let watch = notify::recommended_watcher(told).and_then(|mut watch| {
                watch.watch(&self.root, RecursiveMode::Recursive)?;
                Ok(watch)
            });
            self.watch = watch.ok();
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

    /// The root's own path is told with the tree.
    #[expect(clippy::unused_self, reason = "on Linux it is a watch")]
    pub(crate) fn watch_above(&mut self, _: &Path, _: bool) -> Option<i32> {
        None
    }

    #[expect(clippy::unused_self, reason = "on Linux it is a watch")]
    pub(crate) fn unwatch(&mut self, _: i32) {}

    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn read(&mut self, events: &mut Vec<RawEvent>) -> io::Result<bool> {
        self.waiting.take(events);
        let now = Instant::now();
        if now - self.looked >= LOOK {
            self.looked = now;
            events.push(RawEvent::Path(PathBuf::new()));
        }
        if now - self.compared >= COMPARE {
            self.compared = now;
            events.push(RawEvent::Unsure);
        }
        Ok(false)
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>, listen: bool) {
        let longest = listen.then_some(LOOK);
        self.waiting.wait(timeout.into_iter().chain(longest).min());
    }
}

/// One watch is enough here.
pub(crate) fn system_limit() -> Option<usize> {
    None
}
