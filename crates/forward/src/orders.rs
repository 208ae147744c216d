//! What calls have in common: jobs in their places, batches begun, upstreams replaced.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use crate::batch::{Batch, Results};
use crate::detail::Detail;
use crate::engine::{Engine, Inner};
use crate::error::ForwardError;
use crate::health::Ending;
use crate::job::{Job, Kind, Want};
use crate::link::Link;
use crate::outcome::{Done, Forwarded};
use crate::picker::Picker;
use crate::port::Port;
use crate::provider::{Filter, Provider};
use crate::schedule;

impl Engine {
    pub(crate) fn single(
        &self,
        port: u16,
        id: &str,
        job: Job,
    ) -> impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<> {
        self.single_or(port, id, Ok(job))
    }

    /// A request for one port, or the reason why there can be none.
    pub(crate) fn single_or(
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
                batch
                    .run(context, |version| async move { inner.saved(version).await })
                    .await
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
    pub(crate) fn fitting(
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
    pub(crate) fn filters(
        &self,
        ports: &[u16],
        otherwise: Option<&Filter>,
    ) -> Vec<(u16, Option<Filter>)> {
        let filter = |port| {
            let own = self.config(port).map(|config| config.filter);
            own.or_else(|| otherwise.cloned())
        };
        ports.iter().map(|&port| (port, filter(port))).collect()
    }

    /// Puts another upstream, or the same one anew, into a port's service. With `rested` no upstream that failed
    /// lately is tried.
    pub(crate) async fn replace(
        self: &Arc<Self>,
        port: &Arc<Port>,
        kind: Kind,
        rested: bool,
    ) -> Result<Forwarded, Detail> {
        self.put_in(self.replacement(port, kind, rested)?).await
    }

    /// The job of that, in its place among those for the port.
    pub(crate) fn replacement(
        self: &Arc<Self>,
        port: &Port,
        kind: Kind,
        rested: bool,
    ) -> Result<Job, Detail> {
        let link = port.link();
        let want = match kind {
            Kind::Renew | Kind::Edit => Want::Named(link.upstream.id.clone()),
            _ => {
                let own = self.config(port.number).map(|config| config.filter);
                let filter = own.or_else(|| link.origin.filter().cloned());
                // An upstream that was given is not replaced by one that nobody has named.
                if filter.is_none() && !link.origin.is_provided() {
                    return Err(Detail::NoPortAvailable);
                }
                let except = Some(link.upstream.id.clone());
                self.fitting(
                    filter.unwrap_or_default(),
                    (&link.plan, &link.action_type),
                    except,
                    rested,
                )?
            }
        };
        Ok(self.job(port.number, want, &link.plan, &link.action_type, kind))
    }

    /// Runs such a job to its end.
    pub(crate) async fn put_in(&self, job: Job) -> Result<Forwarded, Detail> {
        match job.run().await? {
            Done::Forwarded(forwarded) => {
                self.saved(forwarded.version).await;
                Ok(forwarded)
            }
            Done::Skipped => Err(Detail::Unknown),
        }
    }

    /// Removes a port because the engine has to, unless something has become of it since `link` was judged.
    pub(crate) fn expire(&self, port: &Arc<Port>, link: &Arc<Link>, reason: &str) {
        let Some(lane) = self.used_lane(port.number) else {
            return;
        };
        let still = || Arc::ptr_eq(&port.link(), link);
        let forget = || self.forget([port.number]);
        if lane.close_only(port, still, Ending::Automatic, reason, forget) {
            self.liveness.fewer();
        }
    }

    /// Gives a port its clock.
    pub(crate) fn attend(self: &Arc<Self>, port: &Arc<Port>) {
        let engine = Arc::downgrade(self);
        Arc::clone(port).spawn("clock", move |port| schedule::attend(engine.clone(), port));
    }
}
