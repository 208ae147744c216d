//! The dispatcher of one connection: it finds the engine for a command and passes the command to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;

use super::command::Command;
use super::engine::Engine;
use super::in_flight::InFlight;
use super::input::Input;
use super::message::{self, InboundMessage, RELIABLE};
use super::prefix::{type_inside, type_of};
use super::reply::Reply;
use super::tasks::TaskScope;
use crate::connection::{Connection, Peer};
use crate::fault;
use crate::wire::message::error;

/// Where the type of a large command is looked for, before the whole message is there: clients write it first. Binary
/// messages begin with the number of their stream.
pub(crate) const BEGIN_BYTES: usize = 256;

/// Whether a type begins with one of the prefixes.
fn has_prefix(prefixes: &[&str], name: &[u8]) -> bool {
    let mut prefixes = prefixes.iter();
    prefixes.any(|prefix| name.starts_with(prefix.as_bytes()))
}

/// The dispatcher of one connection.
pub(crate) struct Dispatcher {
    engines: Arc<[Arc<dyn Engine>]>,
    tasks: Arc<TaskScope>,
    peer: Peer,
    in_flight: Arc<InFlight>,
}

impl Dispatcher {
    pub(crate) fn new(
        engines: &Arc<[Arc<dyn Engine>]>,
        tasks: &Arc<TaskScope>,
        connection: &Arc<Connection>,
    ) -> Self {
        let peer = Peer::new(connection);
        Self {
            engines: Arc::clone(engines),
            tasks: Arc::clone(tasks),
            in_flight: InFlight::new(peer.clone()),
            peer,
        }
    }

    /// Whether so much is in flight that nothing more is read.
    pub(crate) fn is_full(&self) -> bool {
        self.in_flight.is_full()
    }

    /// Until when the reader waits for the engines to take input, if it does.
    pub(crate) fn waits_until(&self) -> Option<Instant> {
        self.in_flight.waits_until()
    }

    /// The reader waits for input no longer if the time is over.
    pub(crate) fn wait_no_longer(&self, now: Instant) {
        self.in_flight.wait_no_longer(now);
    }

    /// Whether a message that begins so may be one for an engine, which takes it without the application.
    /// `numbers`: the client numbers its messages.
    pub(crate) fn may_take(&self, begin: &[u8], binary: bool, numbers: bool) -> bool {
        let begin = &begin[..begin.len().min(BEGIN_BYTES)];
        if binary {
            let mut engines = self.engines.iter();
            return self.peer.binary() && engines.any(|one| one.owns_input(&self.peer, begin));
        }
        let name = type_of(begin).and_then(|name| match name == RELIABLE.as_bytes() {
            true if numbers => type_inside(begin),
            _ => Some(name),
        });
        name.is_some_and(|name| {
            let mut specs = self.engines.iter().map(|engine| engine.spec());
            specs.any(|spec| has_prefix(spec.commands, name))
        })
    }

    /// Reads a text message. A command is returned with its engine.
    /// `numbers`: the client numbers its messages.
    pub(crate) fn read(&self, text: &str, numbers: bool) -> InboundMessage<Arc<dyn Engine>> {
        message::read(text, numbers, |name| self.engine(name).map(Arc::clone))
    }

    /// The engine for commands with this name.
    fn engine(&self, name: &str) -> Option<&Arc<dyn Engine>> {
        let owns = |engine: &&Arc<dyn Engine>| has_prefix(engine.spec().commands, name.as_bytes());
        self.engines.iter().find(owns)
    }

    /// Passes a command to its engine.
    pub(crate) fn command(
        &self,
        engine: &dyn Engine,
        name: String,
        id: Option<Value>,
        data: String,
    ) {
        let brings_id = engine.brings_id(&name);
        let Some(permit) = self
            .in_flight
            .permit(id.as_ref().filter(|_| brings_id), data.len())
        else {
            let sentence = "a command with this id is still in progress";
            self.peer
                .say(&error("ID_IN_USE", sentence, id.as_ref(), Some(&name)));
            return;
        };
        let (peer, tasks) = (self.peer.clone(), Arc::clone(&self.tasks));
        let reply = Reply::new(peer, tasks, name.clone(), id, permit);
        self.guarded(&name, || engine.command(Command::new(data, reply)));
    }

    /// Offers binary input to the engines. Returns it if it belongs to no engine.
    pub(crate) fn offer(&self, data: Bytes) -> Option<Bytes> {
        let mut input = Input::new(&self.in_flight, data);
        for engine in self.engines.iter() {
            match self.guarded("input", || engine.input(&self.peer, input)) {
                Some(Some(back)) => input = back,
                Some(None) | None => return None,
            }
        }
        Some(input.into_data())
    }

    /// The connection has ended.
    pub(crate) fn leave(&self) {
        for engine in self.engines.iter() {
            self.guarded("left", || engine.left(&self.peer));
        }
    }

    /// Calls an engine. A panic is reported, and the result is `None`.
    fn guarded<R>(&self, what: &str, call: impl FnOnce() -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(result) => Some(result),
            Err(panic) => {
                let component = TaskScope::component(what);
                self.tasks
                    .report(&component, &fault::describe(panic.as_ref()));
                None
            }
        }
    }
}
