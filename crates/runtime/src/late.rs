//! An engine that may start later than the listeners that know it, and end before them.

use loopwire_channel::{Command, Engine, EngineSpec, Input, Peer};
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;

/// Holds an engine once it is there. Until then, and afterwards, `absent` answers in its place.
#[derive(Debug)]
pub(crate) struct Late<E, A> {
    engine: Mutex<Option<E>>,
    absent: A,
}

impl<E, A: Default> Default for Late<E, A> {
    fn default() -> Self {
        Self {
            engine: Mutex::new(None),
            absent: A::default(),
        }
    }
}

impl<E: Engine + Clone, A: Engine> Late<E, A> {
    /// The engine, if it is there.
    pub(crate) fn get(&self) -> Option<E> {
        self.engine.lock().clone()
    }

    /// Puts an engine there, or takes it away; gives what was there before.
    pub(crate) fn set(&self, engine: Option<E>) -> Option<E> {
        std::mem::replace(&mut *self.engine.lock(), engine)
    }

    /// Takes the engine away if it is the one that `is` knows; another one that has come meanwhile stays.
    pub(crate) fn take_if(&self, is: impl FnOnce(&E) -> bool) {
        let gone = self.engine.lock().take_if(|engine| is(engine));
        drop(gone);
    }

    /// Calls the engine, or what stands in for it, without holding the lock.
    fn call<R>(&self, call: impl FnOnce(&dyn Engine) -> R) -> R {
        match self.get() {
            Some(engine) => call(&engine),
            None => call(&self.absent),
        }
    }
}

impl<E: Engine + Clone, A: Engine> Engine for Late<E, A> {
    fn spec(&self) -> &'static EngineSpec {
        self.absent.spec()
    }

    fn brings_id(&self, name: &str) -> bool {
        self.call(|engine| engine.brings_id(name))
    }

    fn command(&self, command: Command) {
        self.call(|engine| engine.command(command));
    }

    fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        self.call(|engine| engine.input(peer, input))
    }

    fn left(&self, peer: &Peer) {
        self.call(|engine| engine.left(peer));
    }

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        self.call(|engine| engine.metrics(encoder))
    }
}
