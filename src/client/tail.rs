//! The client of `loopwire tail`.

use loopwire_client::{Batch, Beginning, Tail};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::target::{ListenerTarget, unstarted};
use crate::node::{Answer, throwing};

/// Where the events begin. For the command line only, which has checked it.
#[napi(object)]
pub struct TailBeginning {
    /// The number of the last event seen, as digits: it may exceed what a JavaScript number can hold.
    pub since: Option<String>,
    /// The epoch of `since`.
    pub epoch: Option<String>,
    /// Whether to wait for a listener that has not started yet.
    pub wait: bool,
}

/// The next result of a tail; one of these keys is set.
#[napi(object, object_from_js = false)]
pub struct TailBatch {
    /// Messages as they came, each with a line feed after it.
    pub lines: Option<Buffer>,
    /// A connection was made or lost; a sentence.
    pub note: Option<String>,
    /// Events are lost; a sentence.
    pub gap: Option<String>,
    /// The listener or the user ended it; a sentence with the reason.
    pub over: Option<String>,
    /// It cannot continue; a sentence with the reason.
    pub failed: Option<String>,
}

/// Follows the events of a running listener. For the command line only.
#[napi]
pub struct NativeTail {
    tail: Tail,
}

#[napi]
impl NativeTail {
    /// Begins to follow a listener. Throws if `ca` or `fingerprint` cannot be read.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, target: ListenerTarget, beginning: TailBeginning) -> Result<Self> {
        let tail = Tail::start(target.into(), beginning.into()).map_err(|error| unstarted(&error));
        Ok(Self {
            tail: throwing(&env, tail)?,
        })
    }

    /// A Promise of the next result; `null` after the end. At most one megabyte is read ahead.
    #[napi(catch_unwind, ts_return_type = "Promise<TailBatch | null>")]
    pub fn next<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let (answer, promise) = Answer::promise(env, |_| Ok(None))?;
        self.tail
            .take(move |batch| answer.give(move |_| Ok(batch.map(TailBatch::from))));
        Ok(promise)
    }

    /// Closes the connection. Results that were read before can still be taken.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.tail.close();
    }
}

impl From<TailBeginning> for Beginning {
    fn from(beginning: TailBeginning) -> Self {
        Self {
            since: beginning.since.and_then(|since| since.parse().ok()),
            epoch: beginning.epoch,
            wait: beginning.wait,
        }
    }
}

impl From<Batch> for TailBatch {
    fn from(batch: Batch) -> Self {
        let mut given = Self {
            lines: None,
            note: None,
            gap: None,
            over: None,
            failed: None,
        };
        match batch {
            Batch::Lines(lines) => given.lines = Some(lines.into()),
            Batch::Note(text) => given.note = Some(text),
            Batch::Gap(text) => given.gap = Some(text),
            Batch::End(Ok(text)) => given.over = Some(text),
            Batch::End(Err(text)) => given.failed = Some(text),
        }
        given
    }
}
