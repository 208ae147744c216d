//! One plain HTTP request in absolute form and its answer: the state while it is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::answer_clock::AnswerClock;
use crate::health::Route;
use crate::http::{Framing, Request};
use crate::model::{Failure, Target};
use crate::port::Port;
use crate::upstream::Settings;

/// One request that is being served.
pub(super) struct Exchange<'a> {
    pub(crate) port: &'a Arc<Port>,
    pub(crate) request: &'a Request,
    pub(crate) settings: &'a Settings,
    pub(crate) target: Target,
    /// The request target in origin-form; empty for the asterisk-form of OPTIONS.
    pub(super) path: Vec<u8>,
    pub(super) framing: Framing,
    /// It asks to upgrade to a WebSocket. Then it goes through a tunnel, even if the upstream takes plain requests:
    /// few upstreams handle such a request well.
    pub(crate) upgrade: bool,
    /// The request's head was sent to the upstream.
    pub(super) passed: AtomicBool,
    /// A part of its body was sent.
    pub(super) flowing: AtomicBool,
    /// All of it was sent.
    pub(super) whole: AtomicBool,
    /// The head of the final answer, or a part of an interim one, was sent to the client: an error can no longer be
    /// reported.
    pub(crate) begun: AtomicBool,
    /// How long the answer is late.
    pub(super) clock: AnswerClock,
}

/// What happens to the client's connection after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterExchange {
    /// The client may send its next request.
    More,
    /// It continues as a WebSocket: bytes in both directions.
    Switch,
    /// It has its answer, and the connection ends.
    Close,
    /// Its answer is truncated, and its framing does not show it: the connection is reset, so that it notices.
    Truncated,
    /// The client has left.
    Gone,
}

impl Exchange<'_> {
    /// Whether the answer comes from the target itself, through a tunnel.
    pub(super) fn is_tunnelled(&self, route: &Route) -> bool {
        self.upgrade || !route.assignment.upstream.protocol.speaks_http()
    }

    /// The answer cannot be passed on.
    pub(super) fn answer_flaw(&self, route: &Route, flaw: &'static str) -> Failure {
        match self.is_tunnelled(route) {
            false => Failure::Answer(flaw),
            true => Failure::TargetAnswer(flaw),
        }
    }

    /// Whether the request may be sent once more when the upstream's connection ended before an answer began: it
    /// cannot have been read there, or may be done twice.
    pub(super) fn is_repeatable(&self) -> bool {
        !self.passed.load(Relaxed) || self.may_be_done_twice()
    }

    /// Whether the client's connection can serve a next request once this answer has ended: none of the body may be left
    /// on it. If the upstream goes on reading, the rest follows after the answer. A client that waits for a 100 before
    /// it sends a body does not send one after a final answer, and what comes from it then is no body.
    pub(super) fn body_will_end(&self, upstream_reads_on: bool) -> bool {
        let waits = self.request.headers.has_token("expect", "100-continue");
        self.whole.load(Relaxed) || (upstream_reads_on && (!waits || self.flowing.load(Relaxed)))
    }

    /// Whether doing it twice is the same as doing it once (RFC 9110, section 9.2.2). None of its body is kept, so it
    /// must not have one.
    pub(super) fn may_be_done_twice(&self) -> bool {
        let idempotent = matches!(
            self.request.method.as_str(),
            "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE"
        );
        idempotent && matches!(self.framing, Framing::None | Framing::Length(0))
    }
}
