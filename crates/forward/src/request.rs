//! One request for a forwarded port, from the call to the one event that ends it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::context::Context;
use crate::detail::Detail;
use crate::engine::Inner;
use crate::events;
use crate::failure::Failure;
use crate::lane::{Lane, Turn};
use crate::link::Link;
use crate::port::{self, Port, Reserved};
use crate::record::Record;
use crate::supervise;
use crate::upstream::Upstream;

/// A request, and its place among those for the same port.
pub(crate) struct Request {
    engine: Arc<Inner>,
    lane: Arc<Lane>,
    turn: Turn,
    port: u16,
    /// The proxy's id, and the request's in events.
    id: String,
    plan: String,
    action_type: String,
    begun: SystemTime,
}

/// What a request has found out before it changes anything.
struct Prepared {
    upstream: Upstream,
    record: Arc<Record>,
    latency: Duration,
    /// The address, if the port is not open yet.
    reserved: Option<Reserved>,
}

impl Request {
    /// Takes its turn at once, so that the order of calls is the order of turns.
    pub(crate) fn new(
        engine: Arc<Inner>,
        lane: Arc<Lane>,
        port: u16,
        id: &str,
        plan: &str,
        action_type: &str,
    ) -> Self {
        Self {
            engine,
            turn: lane.queue(),
            lane,
            port,
            id: id.to_owned(),
            plan: plan.to_owned(),
            action_type: action_type.to_owned(),
            begun: SystemTime::now(),
        }
    }

    /// Runs it and publishes its end, exactly one event.
    pub(crate) async fn run(mut self) -> Result<(), Detail> {
        self.turn.wait().await;
        let context = Arc::clone(&self.engine.context);
        let outcome = supervise::once(&context, "forward:request", self.forward())
            .await
            .unwrap_or(Err(Detail::Unknown));
        let event = match &outcome {
            Ok(()) => events::forward_list_completed(&self.id, &[self.port]),
            Err(detail) => events::proxy_error(&self.id, self.port, detail),
        };
        let publishing = context.journal.publish(&event);
        let _ = context.abandon.run_until_cancelled(publishing).await;
        outcome
    }

    async fn forward(&self) -> Result<(), Detail> {
        let preparing = self.turn.cancel.run_until_cancelled(self.prepare());
        let prepared = preparing.await.unwrap_or_else(|| Err(self.cancelled()))?;
        let link = Link::new(
            prepared.record,
            prepared.upstream,
            &self.plan,
            &self.action_type,
            self.begun,
            prepared.latency,
        );
        let (port, version) = match prepared.reserved {
            None => {
                // It was open when we looked; only a removal can have changed that.
                let port = self.lane.port().ok_or_else(|| self.cancelled())?;
                let version = port.swap(link);
                (port, version)
            }
            Some(reserved) => (self.open(reserved, link)?, 1),
        };
        port.reported(version).await;
        Ok(())
    }

    /// All that can fail or take time: nothing has changed when it does.
    async fn prepare(&self) -> Result<Prepared, Detail> {
        if self.engine.is_closed() {
            return Err(Detail::ShutDown);
        }
        let range = self.engine.range();
        if !range.contains(self.port) {
            return Err(Detail::PortOutOfRange);
        }
        let list = self.engine.list().ok_or(Detail::NoProvider)?;
        let upstream = list.find(&self.id).await?;
        self.lane.vacant().await;
        let reserved = match self.lane.port() {
            Some(_) => None,
            None => Some(
                port::reserve(range.address(self.port)).map_err(|error| self.unbound(&error))?,
            ),
        };
        let record = self.context().ledger.record(&upstream);
        let settings = self.context().settings();
        let latency = record
            .check(&settings, settings.probe.as_ref())
            .await
            .map_err(|failure| self.unusable(&upstream, &failure))?;
        Ok(Prepared {
            upstream,
            record,
            latency,
            reserved,
        })
    }

    fn open(&self, reserved: Reserved, link: Arc<Link>) -> Result<Arc<Port>, Detail> {
        // A range that shrank meanwhile had no port to remove here.
        if !self.engine.range().contains(self.port) {
            return Err(Detail::PortOutOfRange);
        }
        let context = Arc::clone(&self.engine.context);
        let opened = self
            .lane
            .install(&self.turn, || {
                Port::open(context, self.port, reserved, link)
            })
            .ok_or_else(|| self.cancelled())?
            .map_err(|error| self.unbound(&error))?;
        self.engine.liveness.more();
        Ok(opened)
    }

    fn context(&self) -> &Context {
        &self.engine.context
    }

    fn cancelled(&self) -> Detail {
        if self.engine.is_closed() {
            Detail::ShutDown
        } else {
            Detail::Removed
        }
    }

    fn unbound(&self, error: &std::io::Error) -> Detail {
        self.context().log(|| format!("{}: {error}", self.port));
        Detail::of_bind(error)
    }

    fn unusable(&self, upstream: &Upstream, failure: &Failure) -> Detail {
        self.context()
            .log(|| format!("{}: {upstream}: {failure}", self.port));
        failure.detail()
    }
}
