//! The client of `loopwire tail`. For the command line only; the package does not export it.

use loopwire_client::{Batch, Beginning, Tail, Target};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Answer, throwing};
use crate::socket::{trusted, unstarted};

/// The listener to follow. For the command line only, which has checked it.
#[napi(object)]
pub struct TailTarget {
    /// Whether to use TLS.
    pub secure: bool,
    /// A host name or an address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Path and flags.
    pub path: String,
    /// The token.
    pub token: String,
    /// The certificates in PEM to trust in place of the system's.
    pub ca: Option<String>,
    /// The SHA-256 of the only certificate to trust.
    pub fingerprint: Option<String>,
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
    pub fn new(env: Env, target: TailTarget) -> Result<Self> {
        let (target, beginning) = checked(target);
        let tail = Tail::start(target, beginning).map_err(|error| unstarted(&error));
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

fn checked(target: TailTarget) -> (Target, Beginning) {
    let beginning = Beginning {
        since: target.since.and_then(|since| since.parse().ok()),
        epoch: target.epoch,
        wait: target.wait,
    };
    let target = Target {
        secure: target.secure,
        host: target.host,
        port: target.port,
        path: target.path,
        token: target.token,
        trusted: trusted(target.ca, target.fingerprint),
    };
    (target, beginning)
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
