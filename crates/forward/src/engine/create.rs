//! Calls that forward ports and remove them.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::handle::Engine;
use crate::health::Ending;
use crate::model::{Detail, ForwardError, Refusal};
use crate::port::{Rules, check_now};
use crate::provider::{DEFAULT_ACTION, DEFAULT_PLAN, Filter};
use crate::request::{Forwarded, JobKind, UpstreamChoice};
use crate::upstream::Upstream;

/// The arguments of `forward` besides the port.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The upstream.
    pub through: Through,
    /// The port's own rules.
    pub rules: Rules,
    /// The request's id in events; `None` for the upstream's id.
    pub request_id: Option<String>,
}

impl Wanted {
    /// Checks what needs no engine, so that none is started for a wrong upstream.
    ///
    /// # Errors
    /// [`ForwardError::Upstream`].
    pub fn check(&self) -> Result<(), ForwardError> {
        match &self.through {
            Through::Named(_) => Ok(()),
            Through::Inline(given) => Ok(Upstream::given(given).map(drop)?),
        }
    }
}

/// The upstream of `forward`.
#[derive(Clone, Debug)]
pub enum Through {
    /// The provider's proxy of that id.
    Named(String),
    /// This upstream: a URL such as `socks5://user:password@host:port`, or an object like the entries of a provider's
    /// list.
    Inline(serde_json::Value),
}

impl Engine {
    /// Forwards the proxy of that id on that port. The id is the request's id in events. The request runs when this
    /// returns, whether or not the future is polled; requests for one port run in the order they were made.
    ///
    /// The future resolves after the request's final event was published.
    ///
    /// # Errors
    /// [`ForwardError::Request`].
    pub fn create_with_id(
        &self,
        port: u16,
        proxy_id: &str,
        plan: &str,
        action_type: &str,
    ) -> impl Future<Output = Result<(), ForwardError>> + Send + use<> {
        let choice = UpstreamChoice::Named(proxy_id.to_owned());
        let job = self.0.job(port, choice, plan, action_type, JobKind::Create);
        let created = self.single(port, proxy_id, job);
        async move { created.await.map(drop) }
    }

    /// Forwards each port that has a configuration, with its filter; the others are skipped. Resolves to the
    /// forwarded ports.
    ///
    /// # Errors
    /// [`ForwardError::Request`] for the first port if all failed.
    pub fn create_proxy_by_port_configs(
        &self,
        request_id: &str,
        plan: &str,
        ports: &[u16],
    ) -> impl Future<Output = Result<Vec<u16>, ForwardError>> + Send + use<> {
        let filters = self.0.filters(ports, None);
        self.batch(request_id, plan, DEFAULT_ACTION, filters, JobKind::Create)
    }

    /// Forwards each port with the filter of its configuration, or through any proxy. With `only_free`, ports that
    /// are forwarded already or used by another program are skipped. Resolves to the forwarded ports.
    ///
    /// # Errors
    /// [`ForwardError::Request`] for the first port if all failed.
    pub fn quick_create_proxies(
        &self,
        request_id: &str,
        plan: &str,
        ports: &[u16],
        only_free: bool,
    ) -> impl Future<Output = Result<Vec<u16>, ForwardError>> + Send + use<> {
        let filters = self.0.filters(ports, Some(&Filter::default()));
        let kind = if only_free {
            JobKind::CreateFree
        } else {
            JobKind::Create
        };
        self.batch(request_id, plan, DEFAULT_ACTION, filters, kind)
    }

    /// Forwards one port with the filter of its configuration, or through any proxy.
    ///
    /// # Errors
    /// [`ForwardError::Request`].
    pub fn quick_create_at_port(
        &self,
        port: u16,
        request_id: &str,
        plan: &str,
    ) -> impl Future<Output = Result<(), ForwardError>> + Send + use<> {
        let filter = self.0.config(port).map(|config| config.filter);
        let choice = self.0.fitting(
            filter.unwrap_or_default(),
            (plan, DEFAULT_ACTION),
            None,
            false,
        );
        let job = choice.map(|choice| {
            self.0
                .job(port, choice, plan, DEFAULT_ACTION, JobKind::Create)
        });
        let created = self.single_or(port, request_id, job);
        async move { created.await.map(drop) }
    }

    /// Forwards proxies that match a filter (JSON text) on the ports. An unusable filter ends the request with its event,
    /// as every other failure does.
    ///
    /// # Errors
    /// [`ForwardError::Filter`]; [`ForwardError::Request`] for the first port if all failed.
    pub fn create_with_configure(
        &self,
        request_id: &str,
        ports: &[u16],
        filter_json: &str,
    ) -> impl Future<Output = Result<Vec<u16>, ForwardError>> + Send + use<> {
        let creating = match Filter::from_json(filter_json) {
            Ok((filter, action)) => {
                let plan = filter.plan.clone();
                let plan = if plan.is_empty() { DEFAULT_PLAN } else { &plan };
                let filters = ports
                    .iter()
                    .map(|&port| (port, Some(filter.clone())))
                    .collect();
                Ok(self.batch(request_id, plan, &action, filters, JobKind::Create))
            }
            Err(error) => Err((self.refuse(request_id, ports, Detail::FilterInvalid), error)),
        };
        async move {
            match creating {
                Ok(creating) => creating.await,
                Err((refusing, error)) => {
                    refusing.await;
                    Err(error)
                }
            }
        }
    }

    /// Forwards a port with its own rules.
    ///
    /// # Errors
    /// [`ForwardError::Upstream`] at once if the upstream is invalid; the future's error is [`ForwardError::Request`].
    pub fn forward(
        &self,
        port: u16,
        wanted: Wanted,
    ) -> Result<impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<>, ForwardError>
    {
        self.forward_cancellable(port, wanted)
            .map(|(forwarding, _)| forwarding)
    }

    /// As [`Engine::forward`], with a token that cancels this request alone. Until something has changed, it then fails as
    /// it does when its port is removed; from then on it is completed.
    ///
    /// # Errors
    /// As [`Engine::forward`].
    pub fn forward_cancellable(
        &self,
        port: u16,
        wanted: Wanted,
    ) -> Result<
        (
            impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<>,
            CancellationToken,
        ),
        ForwardError,
    > {
        let (choice, id) = match wanted.through {
            Through::Named(id) => (UpstreamChoice::Named(id.clone()), id),
            Through::Inline(given) => {
                let upstream = Upstream::given(&given)?;
                let id = upstream.id.clone();
                (UpstreamChoice::Inline(Box::new(upstream), given), id)
            }
        };
        let id = wanted.request_id.unwrap_or(id);
        let mut job = self
            .0
            .job(port, choice, DEFAULT_PLAN, DEFAULT_ACTION, JobKind::Create);
        job.rules = Some(wanted.rules);
        let cancel = job.turn.cancel.child_token();
        job.turn.cancel = cancel.clone();
        Ok((self.single(port, &id, job), cancel))
    }

    /// Replaces a port's proxy by another one that matches the same filter.
    ///
    /// # Errors
    /// [`ForwardError::NotForwarded`], [`ForwardError::Request`].
    pub fn rotate(
        &self,
        port: u16,
    ) -> impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<> {
        self.rotate_cancellable(port).0
    }

    /// As [`Engine::rotate`], with a token that cancels this request alone. Until the port has another upstream, it then
    /// fails as it does when its port is removed; from then on it is completed.
    pub fn rotate_cancellable(
        &self,
        port: u16,
    ) -> (
        impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<>,
        CancellationToken,
    ) {
        let mut cancel = CancellationToken::new();
        let inner = Arc::clone(&self.0);
        let found = inner.used_lane(port).and_then(|lane| lane.port());
        // Queued now: later calls come after it.
        let job = found
            .ok_or(ForwardError::NotForwarded { port })
            .map(|found| {
                let job = inner.replacement(&found, JobKind::Rotate, false);
                job.map(|mut job| {
                    job.saves_first = true;
                    cancel = job.turn.cancel.child_token();
                    job.turn.cancel = cancel.clone();
                    job
                })
            });
        let rotating = self.0.requests.spawn_on(
            async move {
                let failed = |refusal: Refusal| refusal.of_port(port);
                let job = job?.map_err(|detail| failed(detail.into()))?;
                let rotated = inner.run_replacement(job).await.map_err(failed)?;
                rotated.ok_or_else(|| failed(Detail::Unknown.into()))
            }
            .boxed(),
            &self.0.context.handle,
        );
        let rotated = async move {
            let over = || Err(Refusal::from(Detail::ShutDown).of_port(port));
            rotating.await.unwrap_or_else(|_| over())
        };
        (rotated, cancel)
    }

    /// Stops forwarding on that port: its connections end, and it is removed from the saved data. Returns at once;
    /// true if it was forwarded.
    pub fn remove_port(&self, port: u16) -> bool {
        // Takes the lane even if it is new: removing from the saved data and cancelling are one step.
        let lane = self.0.lane(port);
        let there = lane.port().is_some();
        self.0.clear(port, &lane, Ending::Ordered, "removed");
        there
    }

    /// Stops forwarding on all ports; the saved ones stay saved. Returns at once.
    pub fn stop_proxy(&self) {
        self.0.stops.fetch_add(1, Relaxed);
        for (port, lane) in self.0.all_lanes() {
            self.0.clear(port, &lane, Ending::Stopped, "stopped");
        }
    }

    /// Whether a port's upstream works: a handshake, and the probe target if one is set. The result becomes the
    /// port's status.
    pub fn test_port(&self, port: u16) -> impl Future<Output = bool> + Send + use<> {
        let found = self.0.used_lane(port).and_then(|lane| lane.port());
        async move {
            let Some(port) = found else { return false };
            check_now(&port).await
        }
    }
}
