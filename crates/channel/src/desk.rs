//! A desk: where one connection hands in its commands, and what it keeps of those under way.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;

use crate::command::Command;
use crate::connection::Connection;
use crate::engine::Engine;
use crate::fault;
use crate::input::Input;
use crate::message;
use crate::office::Office;
use crate::peer::Peer;
use crate::reply::Reply;

/// Commands of one connection that may be under way; then its reader pauses (PROTOCOL section 7). As many as
/// may wait for an application, and enough to keep any engine busy.
const MAX_UNDER_WAY: usize = 64;

/// Bytes of binary input that one connection may have under way; then its reader pauses. As much as the largest
/// message that a client may send by default.
const MAX_INPUT_BYTES: usize = 1 << 20;

/// One connection's desk. It outlives the connection where a reply is still to come, and so must not keep the
/// connection's socket open.
pub(crate) struct Desk {
    office: Arc<Office>,
    peer: Peer,
    under_way: Mutex<UnderWay>,
    /// Of binary input that an engine still works on.
    input_bytes: AtomicUsize,
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
            peer: Peer::new(connection),
            under_way: Mutex::default(),
            input_bytes: AtomicUsize::new(0),
        })
    }

    /// Whether an engine takes commands of that name.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.office.engine(name).is_some()
    }

    /// Whether so many commands are under way that nothing more is read.
    pub(crate) fn is_full(&self) -> bool {
        self.under_way.lock().count >= MAX_UNDER_WAY
            || self.input_bytes.load(Ordering::Acquire) >= MAX_INPUT_BYTES
    }

    pub(crate) const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Offers binary input to the engines; gives it back if it is nobody's.
    pub(crate) fn offer(self: &Arc<Self>, data: Bytes) -> Option<Bytes> {
        let mut input = Input::new(self, data);
        for engine in &self.office.engines {
            match self.guarded("input", || engine.input(&self.peer, input)) {
                Some(Some(back)) => input = back,
                Some(None) | None => return None,
            }
        }
        Some(input.into_data())
    }

    /// More, or less, is under way.
    pub(crate) fn count_input(&self, taken: usize, done: usize) {
        let before = self.input_bytes.fetch_add(taken, Ordering::AcqRel);
        if done > 0 {
            let before = before + taken;
            self.input_bytes.fetch_sub(done, Ordering::AcqRel);
            if before >= MAX_INPUT_BYTES && before - done < MAX_INPUT_BYTES {
                self.room();
            }
        }
    }

    /// The connection has ended.
    pub(crate) fn leave(&self) {
        for engine in &self.office.engines {
            self.guarded("left", || engine.left(&self.peer));
        }
    }

    /// Calls an engine; one that panics is reported and gives nothing.
    fn guarded<R>(&self, what: &str, call: impl FnOnce() -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(result) => Some(result),
            Err(panic) => {
                let component = Office::component(what);
                self.office
                    .report(&component, &fault::describe(panic.as_ref()));
                None
            }
        }
    }

    /// The session may be waiting for room.
    fn room(&self) {
        if let Some(connection) = self.peer.connection() {
            connection.wake().notify_one();
        }
    }

    /// Hands a command to the engine that takes it.
    pub(crate) fn hand_in(self: &Arc<Self>, name: String, id: Option<Value>, data: String) {
        let Some(engine) = self.office.engine(&name) else {
            return;
        };
        let engine: Arc<dyn Engine> = Arc::clone(engine);
        let brings_id = engine.brings_id(&name);
        let Some(place) = self.take_place(id.as_ref().filter(|_| brings_id)) else {
            let sentence = "a command with this id is still under way";
            self.peer.say(&message::error(
                "ID_IN_USE",
                sentence,
                id.as_ref(),
                Some(&name),
            ));
            return;
        };
        let command = Command::new(data, Reply::new(Arc::clone(self), name.clone(), id, place));
        self.guarded(&name, || engine.command(command));
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
        if was_full {
            self.desk.room();
        }
    }
}
