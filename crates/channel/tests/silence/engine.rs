//! An engine whose changes can be muted, and whose command `test:filter` sets a filter.

use std::sync::Arc;
use std::time::SystemTime;

use loopwire_channel::{
    Audience, Bounds, Command, Engine, EngineSpec, Event, EventFilter, Filtered, Journal,
    ListenerOptions, Mutable, Topic,
};
use prometheus_client::encoding::DescriptorEncoder;
use serde_json::{Value, json};

use crate::support::TestServer;

pub(crate) const FILES: Topic = Topic::engine(0);
pub(crate) const ASKED: Topic = Topic::engine(1);

struct Files;

impl Engine for Files {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["test:"],
            topics: &[(FILES, Audience::Sandbox), (ASKED, Audience::Asked)],
            mutable: &[Mutable {
                kind: "file:changed",
                summary: "file:summary",
            }],
            ..EngineSpec::EMPTY
        }
    }

    fn command(&self, command: Command) {
        let (data, reply) = command.read::<Value>("an object").unwrap();
        let filter = data["part"].as_str().map(|part| -> Arc<dyn EventFilter> {
            Arc::new(Part {
                part: format!(r#""path":"{part}"#),
                copies: data["copies"].as_u64().unwrap_or(1),
            })
        });
        reply.peer().set_filter(&[FILES, ASKED], filter);
        reply.send_as("test:filter", &json!({}));
    }

    fn metrics(&self, _: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

/// Passes the events whose paths begin so, so many times.
struct Part {
    part: String,
    copies: u64,
}

impl EventFilter for Part {
    fn filter(&self, json: &[u8]) -> Filtered {
        if !String::from_utf8_lossy(json).contains(&self.part) {
            Filtered::Drop
        } else if self.copies == 1 {
            Filtered::Pass
        } else {
            Filtered::Instead((0..self.copies).map(|_| json.to_vec()).collect())
        }
    }
}

/// A server with this engine.
pub(crate) fn server() -> TestServer {
    bounded(ListenerOptions::default(), Bounds::default())
}

pub(crate) fn bounded(options: ListenerOptions, bounds: Bounds) -> TestServer {
    TestServer::bounded(options, vec![Arc::new(Files)], bounds)
}

pub(crate) fn engine() -> Arc<dyn Engine> {
    Arc::new(Files)
}

/// Publishes an event of the engine.
pub(crate) fn publish(journal: &Journal, kind: &str, path: &str) {
    publish_to(journal, FILES, kind, path);
}

pub(crate) fn publish_to(journal: &Journal, topic: Topic, kind: &str, path: &str) {
    let event = Event::data(topic, kind, &json!({"path": path}), SystemTime::now()).unwrap();
    assert!(journal.publish_now(&event).is_ok());
}
