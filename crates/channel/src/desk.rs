//! A desk: where one connection hands in its commands, and what it keeps of those under way.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use serde_json::Value;

use crate::close::Close;
use crate::command::Command;
use crate::connection::Connection;
use crate::engine::Engine;
use crate::fault;
use crate::message;
use crate::office::Office;
use crate::reply::Reply;

/// Commands of one connection that may be under way; then its reader pauses (PROTOCOL section 7). As many as
/// may wait for an application, and enough to keep any engine busy.
const MAX_UNDER_WAY: usize = 64;

/// One connection's desk. It outlives the connection where a reply is still to come, and so must not keep the
/// connection's socket open.
pub(crate) struct Desk {
    office: Arc<Office>,
    connection: Weak<Connection>,
    under_way: Mutex<UnderWay>,
}

#[derive(Default)]
struct UnderWay {
    count: usize,
    /// The ids that clients gave, as JSON text: `1` is not `"1"`.
    ids: HashSet<String>,
}

impl Desk {
    pub(crate) fn new(office: &Arc<Office>, connection: &Arc<Connection>) -> Arc<Self> {
        Arc::new(Self {
            office: Arc::clone(office),
            connection: Arc::downgrade(connection),
            under_way: Mutex::default(),
        })
    }

    /// Whether an engine takes commands of that name.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.office.engine(name).is_some()
    }

    /// Whether so many commands are under way that nothing more is read.
    pub(crate) fn is_full(&self) -> bool {
        self.under_way.lock().count >= MAX_UNDER_WAY
    }

    /// Hands a command to the engine that takes it.
    pub(crate) fn hand_in(self: &Arc<Self>, name: String, id: Option<Value>, data: String) {
        let Some(engine) = self.office.engine(&name) else {
            return;
        };
        let engine: Arc<dyn Engine> = Arc::clone(engine);
        let Some(place) = self.take_place(id.as_ref()) else {
            let sentence = "a command with this id is still under way";
            self.say(&message::error(
                "ID_IN_USE",
                sentence,
                id.as_ref(),
                Some(&name),
            ));
            return;
        };
        let component = Office::component(&name);
        let command = Command::new(data, Reply::new(Arc::clone(self), name, id, place));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| engine.command(command))) {
            self.office
                .report(&component, &fault::describe(panic.as_ref()));
        }
    }

    fn take_place(self: &Arc<Self>, id: Option<&Value>) -> Option<Place> {
        let id = id.map(Value::to_string);
        let mut under_way = self.under_way.lock();
        if let Some(id) = &id
            && !under_way.ids.insert(id.clone())
        {
            return None;
        }
        under_way.count += 1;
        Some(Place {
            desk: Arc::clone(self),
            id,
        })
    }

    /// Says something to the connection, if it is still there. An answer that has no room is not swallowed:
    /// who asks this much and takes nothing is sent away.
    pub(crate) fn say(&self, text: &str) {
        if let Some(connection) = self.connection.upgrade()
            && !connection.say(text)
        {
            connection.close(Close::stalled());
        }
    }

    /// Runs what an answer needs. It is given up when the listener closes.
    pub(crate) fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.office.run(work);
    }

    /// Waits for an engine's work on a command of that name; nothing if it panicked, which has been reported.
    pub(crate) async fn supervise<F: Future>(&self, name: &str, work: F) -> Option<F::Output> {
        self.office.supervise(&Office::component(name), work).await
    }
}

/// One command's place among those under way; free again when dropped.
pub(crate) struct Place {
    desk: Arc<Desk>,
    id: Option<String>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = self.desk.under_way.lock();
        let was_full = under_way.count >= MAX_UNDER_WAY;
        under_way.count -= 1;
        if let Some(id) = &self.id {
            under_way.ids.remove(id);
        }
        drop(under_way);
        // The session may be waiting for just this.
        if was_full && let Some(connection) = self.desk.connection.upgrade() {
            connection.wake().notify_one();
        }
    }
}
