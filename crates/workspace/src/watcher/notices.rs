//! The stream of notices, from the watcher's thread to the one who reads it.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::change::Notice;

/// The one stream of notices.
pub(crate) struct Notices(Arc<NoticeQueue>);

/// The queue behind it.
pub(super) struct NoticeQueue {
    /// With more than these the watcher pauses.
    max: usize,
    state: Mutex<State>,
    ready: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Notice>,
    closed: bool,
    /// Wakes the watcher's thread, which has paused.
    resume: Option<Box<dyn FnOnce() + Send>>,
}

impl Notices {
    pub(super) fn new(queue: Arc<NoticeQueue>) -> Self {
        Self(queue)
    }

    /// The next notice; nothing when the watcher is closed and all notices were taken.
    pub(crate) async fn next(&mut self) -> Option<Notice> {
        loop {
            let ready = self.0.ready.notified();
            match self.0.take() {
                Ok(notice) => return notice,
                Err(Empty) => ready.await,
            }
        }
    }
}

struct Empty;

impl NoticeQueue {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            state: Mutex::default(),
            ready: Notify::new(),
        }
    }

    fn take(&self) -> Result<Option<Notice>, Empty> {
        let mut state = self.state.lock();
        let notice = state.waiting.pop_front();
        let resume = (state.waiting.len() <= self.max / 2)
            .then(|| state.resume.take())
            .flatten();
        let closed = state.closed;
        drop(state);
        if let Some(resume) = resume {
            resume();
        }
        match notice {
            None if !closed => Err(Empty),
            notice => Ok(notice),
        }
    }

    pub(super) fn push(&self, notices: impl IntoIterator<Item = Notice>) {
        let mut state = self.state.lock();
        if !state.closed {
            state.waiting.extend(notices);
        }
        drop(state);
        self.ready.notify_one();
    }

    /// Whether so many notices wait that the watcher should pause. If so, `resume` is called when they have been read.
    pub(super) fn is_full(&self, resume: impl FnOnce() + Send + 'static) -> bool {
        let mut state = self.state.lock();
        let full = state.waiting.len() >= self.max && !state.closed;
        state.resume = full.then(|| Box::new(resume) as Box<dyn FnOnce() + Send>);
        full
    }

    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let resume = state.resume.take();
        drop(state);
        if let Some(resume) = resume {
            resume();
        }
        self.ready.notify_one();
    }
}
