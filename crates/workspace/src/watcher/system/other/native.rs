//! The system's own way to watch a tree.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use parking_lot::Mutex;

use crate::watcher::system::raw::{RawEvent, Refusal};

use super::beneath::OpenDir;
use super::waker::Waker;

/// The events that wait for the watcher's thread. Then they are lost, which is told.
const MAX_WAITING: usize = 65_536;

/// The system's watch of the tree.
pub(crate) struct System {
    root: PathBuf,
    watch: Option<RecommendedWatcher>,
    waker: Waker,
    waiting: Arc<Mutex<Vec<RawEvent>>>,
}

impl System {
    pub(crate) fn new(root: &Path, waker: Waker) -> Self {
        Self {
            root: root.to_owned(),
            watch: None,
            waker,
            waiting: Arc::default(),
        }
    }

    pub(crate) fn start(&mut self) -> bool {
        if self.watch.is_none() {
            let (root, waiting) = (self.root.clone(), Arc::clone(&self.waiting));
            let waker = self.waker.clone();
            let told = move |event: notify::Result<Event>| {
                let mut waiting = waiting.lock();
                match event {
                    Ok(event) if !event.need_rescan() && waiting.len() < MAX_WAITING => {
                        if matches!(event.kind, EventKind::Access(_)) {
                            return;
                        }
                        let below = event
                            .paths
                            .iter()
                            .filter_map(|one| one.strip_prefix(&root).ok());
                        waiting.extend(below.map(|path| RawEvent::Path(path.to_owned())));
                    }
                    _ => {
                        waiting.clear();
                        waiting.push(RawEvent::Overflow);
                    }
                }
                drop(waiting);
                waker.wake();
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
        events.append(&mut self.waiting.lock());
        Ok(false)
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>, _listen: bool) {
        self.waker.wait(timeout);
    }
}

/// One watch is enough here.
pub(crate) fn system_limit() -> Option<usize> {
    None
}
