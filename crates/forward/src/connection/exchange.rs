//! One plain HTTP request in absolute form and its answer: what is known of them while they are under way.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::health::Route;
use crate::http::{Framing, Request};
use crate::model::Target;
use crate::port::Port;
use crate::upstream::Settings;

/// One request under way.
pub(super) struct Exchange<'a> {
    pub(crate) port: &'a Arc<Port>,
    pub(crate) request: &'a Request,
    pub(crate) settings: &'a Settings,
    pub(crate) target: Target,
    /// The request target in origin form.
    pub(super) path: String,
    pub(super) framing: Framing,
    /// It asks to go on as a WebSocket. Then it goes through a tunnel, even where the upstream takes requests:
    /// what upstreams do to such a request, few do well.
    pub(crate) upgrade: bool,
    /// A part of the answer has gone to the client: nothing else can be said any more.
    pub(crate) begun: AtomicBool,
    /// When the upstream last took a part of the request.
    pub(crate) sent: Mutex<Instant>,
}

/// What becomes of the client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterExchange {
    /// It may send its next request.
    More,
    /// It goes on as a WebSocket: whatever comes, both ways.
    Switch,
    /// It has its answer and the connection ends.
    Close,
    /// Its answer is a torso: it must see that.
    Truncated,
}

impl Exchange<'_> {
    /// Whether the target itself speaks behind the upstream.
    pub(super) fn is_tunnelled(&self, route: &Route) -> bool {
        self.upgrade || !route.assignment.upstream.protocol.speaks_http()
    }

    pub(super) fn is_repeatable(&self) -> bool {
        self.framing == Framing::None
            && !self.upgrade
            && matches!(self.request.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}
