//! The dispatcher of one connection: it finds the engine for a command and passes the command to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::command::Command;
use super::engine::Engine;
use super::in_flight::InFlight;
use super::input::Input;
use super::message::{self, InboundMessage};
use super::reply::Reply;
use super::tasks::TaskScope;
use crate::connection::{Connection, Peer};
use crate::fault;
use crate::wire::message::error;

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

    /// Reads a text message. A command is returned with its engine.
    pub(crate) fn read(&self, text: &str) -> InboundMessage<Arc<dyn Engine>> {
        message::read(text, |name| self.engine(name).map(Arc::clone))
    }

    /// The engine for commands with this name.
    fn engine(&self, name: &str) -> Option<&Arc<dyn Engine>> {
        let owns = |engine: &&Arc<dyn Engine>| {
            let mut prefixes = engine.spec().commands.iter();
            prefixes.any(|prefix| name.starts_with(prefix))
        };
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
        let Some(permit) = self.in_flight.permit(id.as_ref().filter(|_| brings_id)) else {
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
