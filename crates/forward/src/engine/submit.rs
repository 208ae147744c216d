//! How calls become requests: jobs are queued, and one task runs them.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::FutureExt as _;

use super::handle::Engine;
use crate::model::{Detail, ForwardError, Refusal, events};
use crate::provider::Filter;
use crate::request::{
    Batch, Forwarded, Job, JobKind, Picker, Results, UpstreamChoice, provider_filter,
};

impl Engine {
    pub(crate) fn single(
        &self,
        port: u16,
        id: &str,
        job: Job,
    ) -> impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<> {
        self.single_or(port, id, Ok(job))
    }

    /// A request for one port, or the reason why it fails at once.
    pub(super) fn single_or(
        &self,
        port: u16,
        id: &str,
        job: Result<Job, Detail>,
    ) -> impl Future<Output = Result<Forwarded, ForwardError>> + Send + use<> {
        let (jobs, failed) = match job {
            Ok(job) => (vec![job], Vec::new()),
            Err(detail) => (Vec::new(), vec![(port, detail.into())]),
        };
        let running = self.run(id, jobs, failed, Vec::new());
        async move {
            let results = running.await;
            let over = || Err(Detail::ShutDown.into());
            let outcome = results.map_or_else(over, Results::into_single);
            outcome.map_err(|refusal| refusal.of_port(port))
        }
    }

    /// A request for many ports, each with its filter, or `None` to skip it.
    pub(crate) fn batch(
        &self,
        id: &str,
        plan: &str,
        action: &str,
        filters: Vec<(u16, Option<Filter>)>,
        kind: JobKind,
    ) -> impl Future<Output = Result<Vec<u16>, ForwardError>> + Send + use<> {
        let (mut jobs, mut failed, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        let mut pickers: Vec<Arc<Picker>> = Vec::new();
        let provider = self.0.provider();
        // One lock for all lanes: two batches cannot wait for each other.
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
                    failed.push((port, Detail::NoProvider.into()));
                    continue;
                }
                (Some(filter), Some(provider)) => (provider_filter(filter, plan, action), provider),
            };
            let known = pickers.iter().find(|picker| picker.filter == filter);
            let picker = known.cloned().unwrap_or_else(|| {
                let picker = Arc::new(Picker::new(provider.clone(), filter, count));
                pickers.push(Arc::clone(&picker));
                picker
            });
            let choice = UpstreamChoice::Matching {
                picker,
                except: None,
                healthy_only: false,
            };
            jobs.push(self.0.job(port, choice, plan, action, kind));
        }
        let running = self.run(id, jobs, failed, skipped);
        async move {
            match running.await {
                Some(results) => results.into_ports(),
                None => Err(Refusal::from(Detail::ShutDown).of_port(0)),
            }
        }
    }

    /// Ends a request that cannot be started with its event. Resolves when that is published.
    pub(super) fn refuse(
        &self,
        id: &str,
        ports: &[u16],
        detail: Detail,
    ) -> impl Future<Output = ()> + Send + use<> {
        let context = Arc::clone(&self.0.context);
        let event = events::proxy_error(id, ports, &[], &detail);
        let publishing = self.0.requests.spawn_on(
            async move {
                let publishing = context.journal.publish(&event);
                let _ = context.abandon.run_until_cancelled(publishing).await;
            }
            .boxed(),
            &self.0.context.handle,
        );
        async move {
            let _ = publishing.await;
        }
    }

    /// Starts a request. `None` if the runtime ended first.
    fn run(
        &self,
        id: &str,
        jobs: Vec<Job>,
        failed: Vec<(u16, Refusal)>,
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
            }
            .boxed(),
            &self.0.context.handle,
        );
        async move { running.await.ok() }
    }
}
