//! The engine's calls that forward ports and end it again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use crate::batch::{Batch, Results};
use crate::detail::Detail;
use crate::engine::{Engine, Inner};
use crate::error::ForwardError;
use crate::health::{self, Ending};
use crate::job::{Forwarded, Job, Kind, Want};
use crate::picker::Picker;
use crate::port::Port;
use crate::provider::{Filter, Provider};
use crate::rules::Rules;
use crate::upstream::Upstream;

/// The plan and action type of requests that name none, as published.
pub(crate) const DEFAULT_PLAN: &str = "1";
pub(crate) const DEFAULT_ACTION: &str = "manual";

/// What `forward` is given besides the port.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The upstream.
    pub through: Through,
    /// The port's own rules.
    pub rules: Rules,
    /// The request's id in events; the upstream's id if it is `None`.
    pub request_id: Option<String>,
}

/// The upstream of `forward`.
#[derive(Clone, Debug)]
pub enum Through {
    /// The provider's proxy of that id.
    Named(String),
    /// This one: a URL such as `socks5://user:password@host:port`, or an object as a provider's list has them.
    Inline(serde_json::Value),
}

impl Engine {
    /// Forwards the proxy of that id on that port. The id is the request's id in events. The request is under way
    /// when this returns, whether or not the future is polled; requests for one port run in the order they
    /// were made.
    ///
    /// The future resolves after the event that ends the request has been published.
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
        let want = Want::Named(proxy_id.to_owned());
        let job = self.0.job(port, want, plan, action_type, Kind::Create);
        let created = self.single(port, proxy_id, job);
        async move { created.await.map(drop) }
    }

    /// Forwards each of the ports that has a configuration under its filter; the others are skipped. Resolves to
    /// the ports that forward.
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
        self.batch(request_id, plan, DEFAULT_ACTION, filters, Kind::Create)
    }

    /// Forwards each of the ports under its configuration, or through any proxy. With `only_free` ports that are
    /// forwarded already, or taken by another program, are skipped. Resolves to the ports that forward.
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
            Kind::CreateFree
        } else {
            Kind::Create
        };
        self.batch(request_id, plan, DEFAULT_ACTION, filters, kind)
    }

    /// Forwards one port under its configuration, or through any proxy.
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
        let want = self.0
            .fitting(filter.unwrap_or_default(), (plan, DEFAULT_ACTION), None, false);
        let job = want.map(|want| {
            self.0
                .job(port, want, plan, DEFAULT_ACTION, Kind::Create)
        });
        let created = self.single_or(port, request_id, job);
        async move { created.await.map(drop) }
    }

    /// Forwards proxies that match a filter, given as the published JSON, on the ports.
    ///
    /// # Errors
    /// [`ForwardError::Filter`] at once; then nothing was begun. [`ForwardError::Request`] for the first port if all
    /// failed.
    pub fn create_with_configure(
        &self,
        request_id: &str,
        ports: &[u16],
        filter_json: &str,
    ) -> Result<
        impl Future<Output = Result<Vec<u16>, ForwardError>> + Send + use<>,
        ForwardError,
    > {
        let (filter, action) = Filter::from_json(filter_json)?;
        let plan = filter.plan.clone();
        let plan = if plan.is_empty() { DEFAULT_PLAN } else { &plan };
        let filters = ports
            .iter()
            .map(|&port| (port, Some(filter.clone())))
            .collect();
        Ok(self.batch(request_id, plan, &action, filters, Kind::Create))
    }

    /// Forwards a port with rules of its own.
    ///
    /// # Errors
    /// [`ForwardError::Upstream`] at once for an upstream that is none; the future's is [`ForwardError::Request`].
    pub fn forward(
        &self,
        port: u16,
        wanted: Wanted,
    ) -> Result<
        impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<>,
        ForwardError,
    > {
        let (want, id) = match wanted.through {
            Through::Named(id) => (Want::Named(id.clone()), id),
            Through::Inline(given) => {
                let upstream = Upstream::given(&given)?;
                let id = upstream.id.clone();
                (Want::Inline(Box::new(upstream), given), id)
            }
        };
        let id = wanted.request_id.unwrap_or(id);
        let mut job = self
            .0
            .job(port, want, DEFAULT_PLAN, DEFAULT_ACTION, Kind::Create);
        job.rules = Some(wanted.rules);
        Ok(self.single(port, &id, job))
    }

    /// Puts another proxy under the same filter into a port's service.
    ///
    /// # Errors
    /// [`ForwardError::NotForwarded`], [`ForwardError::Request`].
    pub fn rotate(
        &self,
        port: u16,
    ) -> impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<> {
        let inner = Arc::clone(&self.0);
        let found = inner.used_lane(port).and_then(|lane| lane.port());
        let rotating = self.0.requests.spawn_on(
            async move {
                let port = found.ok_or(ForwardError::NotForwarded { port })?;
                let replaced = inner.replace(&port, Kind::Rotate, false).await;
                replaced.map_err(|detail| ForwardError::Request {
                    port: port.number,
                    detail,
                })
            },
            &self.0.context.handle,
        );
        async move {
            let over = ForwardError::Request {
                port,
                detail: Detail::ShutDown,
            };
            rotating.await.unwrap_or(Err(over))
        }
    }

    /// Stops forwarding on that port; its connections end, and it is forgotten. Posts and returns whether it was
    /// forwarded.
    pub fn remove_port(&self, port: u16) -> bool {
        let Some(lane) = self.0.used_lane(port) else {
            // It may be saved all the same.
            self.0.forget([port]);
            return false;
        };
        let there = lane.port().is_some();
        self.0.clear(port, &lane, Ending::Ordered, "removed");
        there
    }

    /// Stops forwarding on all ports; the saved ones stay saved. Posts and returns.
    pub fn stop_proxy(&self) {
        for (port, lane) in self.0.all_lanes() {
            self.0.clear(port, &lane, Ending::Stopped, "stopped");
        }
    }

    /// Whether a port works through the whole path: a handshake with its upstream, and the probe target if one is
    /// set. What it finds is the port's state from then on.
    pub fn test_port(&self, port: u16) -> impl Future<Output = bool> + Send + use<> {
        let found = self.0.used_lane(port).and_then(|lane| lane.port());
        async move {
            let Some(port) = found else { return false };
            health::test(&port).await
        }
    }

    fn single(
        &self,
        port: u16,
        id: &str,
        job: Job,
    ) -> impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<> {
        self.single_or(port, id, Ok(job))
    }

    /// A request for one port, or the reason why there can be none.
    fn single_or(
        &self,
        port: u16,
        id: &str,
        job: Result<Job, Detail>,
    ) -> impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<> {
        let (jobs, failed) = match job {
            Ok(job) => (vec![job], Vec::new()),
            Err(detail) => (Vec::new(), vec![(port, detail)]),
        };
        let running = self.run(id, jobs, failed, Vec::new());
        async move {
            let results = running.await;
            let outcome = results.map_or(Err(Detail::ShutDown), Results::into_single);
            outcome.map_err(|detail| ForwardError::Request { port, detail })
        }
    }

    /// A request for many ports; each with its filter, or `None` to be skipped.
    pub(crate) fn batch(
        &self,
        id: &str,
        plan: &str,
        action: &str,
        filters: Vec<(u16, Option<Filter>)>,
        kind: Kind,
    ) -> impl Future<Output = Result<Vec<u16>, ForwardError>> + Send + use<> {
        let (mut jobs, mut failed, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        let mut pickers: Vec<Arc<Picker>> = Vec::new();
        let provider = self.0.provider();
        // One turn of the lock for all lanes: two batches never wait for each other crosswise.
        let _queueing = self.0.queueing.lock();
        let mut seen = BTreeSet::new();
        let count = filters.len();
        for (port, filter) in filters {
            if !seen.insert(port) {
                continue;
            }
            let (filter, provider) = match (filter, &provider) {
                (None, _) => {
                    skipped.push(port);
                    continue;
                }
                (Some(_), None) => {
                    failed.push((port, Detail::NoProvider));
                    continue;
                }
                (Some(filter), Some(provider)) => (asked(filter, plan, action), provider),
            };
            let known = pickers.iter().find(|picker| picker.filter == filter);
            let picker = known.cloned().unwrap_or_else(|| {
                let picker = Arc::new(Picker::new(provider.clone(), filter, count));
                pickers.push(Arc::clone(&picker));
                picker
            });
            let want = Want::Fitting {
                picker,
                except: None,
                rested: false,
            };
            jobs.push(self.0.job(port, want, plan, action, kind));
        }
        let running = self.run(id, jobs, failed, skipped);
        async move {
            match running.await {
                Some(results) => results.into_ports(),
                None => Err(ForwardError::Request {
                    port: 0,
                    detail: Detail::ShutDown,
                }),
            }
        }
    }

    /// Begins a request. `None` when the runtime ended first.
    fn run(
        &self,
        id: &str,
        jobs: Vec<Job>,
        failed: Vec<(u16, Detail)>,
        skipped: Vec<u16>,
    ) -> impl Future<Output = Option<Results>> + Send + use<> {
        let batch = Batch {
            id: id.to_owned(),
            jobs,
            failed,
            skipped,
        };
        let inner = Arc::clone(&self.0);
        let running = self.0.requests.spawn_on(
            async move {
                let context = Arc::clone(&inner.context);
                batch.run(context, |version| async move { inner.saved(version).await }).await
            },
            &self.0.context.handle,
        );
        async move { running.await.ok() }
    }
}

/// The filter as it goes to the provider: with the request's plan and action.
fn asked(mut filter: Filter, plan: &str, action: &str) -> Filter {
    plan.clone_into(&mut filter.plan);
    action.clone_into(&mut filter.action);
    filter
}

impl Inner {
    /// A job in its place among those for the same port.
    pub(crate) fn job(
        self: &Arc<Self>,
        port: u16,
        want: Want,
        plan: &str,
        action_type: &str,
        kind: Kind,
    ) -> Job {
        let lane = self.lane(port);
        Job {
            engine: Arc::clone(self),
            turn: lane.queue(),
            lane,
            port,
            plan: plan.to_owned(),
            action_type: action_type.to_owned(),
            want,
            kind,
            rules: None,
            filter: None,
            begun: SystemTime::now(),
        }
    }

    /// One that fits a filter, for one port.
    fn fitting(
        &self,
        filter: Filter,
        (plan, action): (&str, &str),
        except: Option<String>,
        rested: bool,
    ) -> Result<Want, Detail> {
        let provider: Provider = self.provider().ok_or(Detail::NoProvider)?;
        let picker = Arc::new(Picker::new(provider, asked(filter, plan, action), 1));
        Ok(Want::Fitting {
            picker,
            except,
            rested,
        })
    }

    /// The ports' filters: those of their configurations, or this one.
    fn filters(&self, ports: &[u16], otherwise: Option<&Filter>) -> Vec<(u16, Option<Filter>)> {
        let filter = |port| {
            let own = self.config(port).map(|config| config.filter);
            own.or_else(|| otherwise.cloned())
        };
        ports.iter().map(|&port| (port, filter(port))).collect()
    }

    /// Puts another upstream, or the same one anew, into a port's service. What its provider says is gone for
    /// good takes the port with it. With `rested` no upstream that failed lately is tried.
    pub(crate) async fn replace(
        self: &Arc<Self>,
        port: &Arc<Port>,
        kind: Kind,
        rested: bool,
    ) -> Result<Forwarded, Detail> {
        let link = port.link();
        let want = match kind {
            Kind::Renew | Kind::Edit => Want::Named(link.upstream.id.clone()),
            _ => {
                let own = self.config(port.number).map(|config| config.filter);
                let filter = own.or_else(|| link.origin.filter().cloned());
                let except = Some(link.upstream.id.clone());
                self.fitting(
                    filter.unwrap_or_default(),
                    (&link.plan, &link.action_type),
                    except,
                    rested,
                )?
            }
        };
        let job = self.job(port.number, want, &link.plan, &link.action_type, kind);
        match job.run().await? {
            crate::job::Done::Forwarded(forwarded) => {
                self.saved(forwarded.version).await;
                Ok(forwarded)
            }
            crate::job::Done::Skipped => Err(Detail::Unknown),
        }
    }

    /// Removes a port because the engine has to.
    pub(crate) fn expire(&self, port: &Port, reason: &str) {
        if let Some(lane) = self.used_lane(port.number) {
            self.clear(port.number, &lane, Ending::Automatic, reason);
        }
    }

    /// Gives a port its clock.
    pub(crate) fn attend(self: &Arc<Self>, port: &Arc<Port>) {
        let engine = Arc::downgrade(self);
        Arc::clone(port).spawn("clock", move |port| {
            crate::schedule::attend(engine.clone(), port)
        });
    }
}
