//! The clock: it counts its ticks, and publishes each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use loopwire_channel::{Command, Engine, EngineSpec, Event, Journal, figure};
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::counter::ConstCounter;
use serde_json::json;

use crate::spec::{SPEC, TOPIC};

/// A clock. Its clones are the same.
#[derive(Clone, Debug)]
pub struct Clock {
    journal: Arc<Journal>,
    ticks: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that publishes into `journal`.
    #[must_use]
    pub fn new(journal: Arc<Journal>) -> Self {
        Self {
            journal,
            ticks: Arc::default(),
        }
    }

    /// Ticks once: `clock:tick {ticks}`.
    pub fn tick(&self) {
        let ticks = self.ticks.fetch_add(1, Ordering::Relaxed) + 1;
        let data = json!({"ticks": ticks});
        if let Ok(event) = Event::data(TOPIC, "clock:tick", &data, SystemTime::now()) {
            let _ = self.journal.publish_now(&event);
        }
    }

    fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }
}

impl Engine for Clock {
    fn spec(&self) -> &'static EngineSpec {
        &SPEC
    }

    fn command(&self, command: Command) {
        match command.name() {
            "clock:read" => {
                if let Some((serde_json::Map { .. }, reply)) = command.read("an object") {
                    reply.send(&json!({"ticks": self.ticks()}));
                }
            }
            _ => command.unknown(),
        }
    }

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        let ticks = ConstCounter::new(self.ticks());
        figure(encoder, "clock_ticks", "Ticks so far", &ticks)
    }
}
