//! Publishing: what the watcher tells becomes events, and items for the application's own watches.

use std::time::SystemTime;

use loopwire_channel::{Event, Topic};
use serde::Serialize;
use serde_json::json;

use crate::spec::{FILE, FILE_ASKED};
use crate::watcher::{Change, Notice, Notices};

use super::change::{ChangedData, FileChange};
use super::watches::WatchesInner;

impl WatchesInner {
    /// Passes on what the watcher tells until it is closed.
    ///
    /// Publishing waits while a callback is behind. Meanwhile the watcher collects, up to its bounds; what exceeds them it
    /// tells as an overflow. So a burst costs bounded memory, and no callback loses an event.
    pub(super) async fn publish(&self, mut notices: Notices) {
        let mut event = Event::scratch();
        while let Some(notice) = notices.next().await {
            match notice {
                Notice::Changed(change) => self.publish_change(&change, &mut event).await,
                Notice::Overflow => {
                    let root = self.root_text();
                    self.readers.overflow(&root);
                    self.say_overflow(self.is_everything()).await;
                }
                Notice::Polling(reason) => self.say_polling(&reason).await,
            }
        }
    }

    async fn publish_change(&self, change: &Change, event: &mut Event) {
        let told = FileChange::new(change, self.root.path());
        self.readers.tell(change, &told, &self.root_text());
        // It enters the journal once. Who has asked for nothing gets what is not ignored, if everything is watched.
        let unasked = change.hidden == 0 && self.is_everything();
        let topic = if unasked { FILE } else { FILE_ASKED };
        let data = ChangedData::new(&told, change.replaced, change.hidden);
        self.say(topic, "file:changed", &data, change.at, event)
            .await;
    }

    /// Says that changes may have been missed.
    pub(super) async fn say_overflow(&self, unasked: bool) {
        let topic = if unasked { FILE } else { FILE_ASKED };
        let data = json!({"root": self.root_text()});
        let mut event = Event::scratch();
        self.say(topic, "file:overflow", &data, SystemTime::now(), &mut event)
            .await;
    }

    /// Says that the system does not tell of changes, so that they come later.
    async fn say_polling(&self, reason: &str) {
        tracing::warn!(reason, "files are compared at intervals");
        let data = json!({"root": self.root_text(), "reason": reason});
        let mut event = Event::scratch();
        self.say(
            FILE_ASKED,
            "file:polling",
            &data,
            SystemTime::now(),
            &mut event,
        )
        .await;
    }

    async fn say(
        &self,
        topic: Topic,
        kind: &str,
        data: &impl Serialize,
        at: SystemTime,
        event: &mut Event,
    ) {
        event.reset();
        // A closed journal has no readers, and a path is far smaller than an event may be.
        if event.write_data(topic, kind, data, at).is_ok() {
            let _ = self.journal.publish(event).await;
        }
    }
}
