//! An application that sends every message back.

use std::sync::Arc;

use loopwire_channel::{Callback, InboxItem, Journal, Listener, SinkWaker};
use tokio::sync::Notify;

struct Waker(Notify);

impl SinkWaker for Waker {
    fn wake(&self, _woken: usize) {
        self.0.notify_one();
    }
}

/// The application. Its callback is given to the listener first.
pub(super) struct Echo {
    callback: Arc<Callback>,
    waker: Arc<Waker>,
}

impl Echo {
    pub(super) fn new(journal: &Arc<Journal>) -> Self {
        let waker = Arc::new(Waker(Notify::new()));
        let callback = Callback::new(journal, Arc::clone(&waker) as _, false);
        Self { callback, waker }
    }

    pub(super) fn callback(&self) -> Arc<Callback> {
        Arc::clone(&self.callback)
    }

    /// Like the thread of a host: awake while there is something to take.
    pub(super) async fn run(self, listener: Arc<Listener>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        loop {
            self.callback.drain(&mut bytes, &mut ends);
            while let Some(item) = self.callback.inbox().take() {
                if let InboxItem::Message { from, data, binary } = item {
                    // A client that has closed meanwhile gets no answer.
                    let _ = listener.send(&from.id, &data, binary);
                }
            }
            if self.callback.park() {
                self.waker.0.notified().await;
            }
        }
    }
}
