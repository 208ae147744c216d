//! A request: the jobs of its ports, and the one event at its end.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::job::Job;
use super::outcome::{Forwarded, JobOutcome};
use crate::model::{Detail, ForwardError, Refusal, events};
use crate::port::Context;

/// How many ports of one request are worked on at once: a thousand ports start within a second, and no provider's
/// host gets a thousand connections at once.
const MAX_CONCURRENT: usize = 64;

/// A request that is running.
pub(crate) struct Batch {
    /// Its id in events.
    pub(crate) id: String,
    pub(crate) jobs: Vec<Job>,
    /// Ports that fail before anything is tried.
    pub(crate) failed: Vec<(u16, Refusal)>,
    /// Ports that are skipped without a try.
    pub(crate) skipped: Vec<u16>,
}

/// The results of all its ports.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// In the order of the request.
    pub(crate) forwarded: Vec<Forwarded>,
    pub(crate) failed: Vec<(u16, Refusal)>,
    pub(crate) skipped: Vec<u16>,
}

impl Batch {
    /// Runs it to its end and publishes exactly one event. `saved` waits until a version of the saved data is on
    /// disk: a port is reported only when a crash cannot lose it.
    pub(crate) async fn run<F: Future<Output = Result<(), Refusal>>>(
        self,
        context: Arc<Context>,
        saved: impl FnOnce(u64) -> F,
    ) -> Results {
        let Self {
            id,
            jobs,
            failed,
            skipped,
        } = self;
        let running = jobs.into_iter().enumerate().map(|(index, job)| async move {
            let port = job.port;
            (index, port, job.run().await)
        });
        let outcomes = stream::iter(running).buffer_unordered(MAX_CONCURRENT);
        let mut outcomes: Vec<_> = outcomes.collect().await;
        outcomes.sort_unstable_by_key(|(index, ..)| *index);
        let mut results = Results {
            failed,
            skipped,
            ..Results::default()
        };
        for (_, port, outcome) in outcomes {
            match outcome {
                Ok(JobOutcome::Forwarded(forwarded)) => results.forwarded.push(forwarded),
                Ok(JobOutcome::Skipped) => results.skipped.push(port),
                Err(refusal) => results.failed.push((port, refusal)),
            }
        }
        results.skipped.sort_unstable();
        let versions = results.forwarded.iter().map(|forwarded| forwarded.version);
        // Each job has saved its port before it was opened; only a directory that was set since then can fail here.
        if let Some(version) = versions.max()
            && let Err(refusal) = saved(version).await
        {
            let unsaved = results.forwarded.drain(..);
            results
                .failed
                .extend(unsaved.map(|one| (one.port, refusal.clone())));
        }
        for (port, refusal) in &results.failed {
            context.log(|| format!("{port}: {id}: {}", refusal.detail));
        }
        for one in &results.forwarded {
            context.log(|| format!("{}: {id}: through {}", one.port, one.upstream));
        }
        let event = results.event(&id);
        let publishing = context.journal.publish(&event);
        let _ = context.abandon.run_until_cancelled(publishing).await;
        results
    }
}

impl Results {
    /// Completed if a port was forwarded or none failed; otherwise an error.
    fn event(&self, id: &str) -> loopwire_channel::Event {
        let failed: Vec<u16> = self.failed.iter().map(|(port, _)| *port).collect();
        match self.failed.first() {
            Some((_, refusal)) if self.forwarded.is_empty() => {
                events::proxy_error(id, &failed, &self.skipped, &refusal.detail)
            }
            _ => events::forward_list_completed(id, &self.ports(), &failed, &self.skipped),
        }
    }

    /// The ports that were forwarded.
    fn ports(&self) -> Vec<u16> {
        self.forwarded.iter().map(|one| one.port).collect()
    }

    /// The result of a request for many ports.
    pub(crate) fn into_ports(self) -> Result<Vec<u16>, ForwardError> {
        match self.failed.into_iter().next() {
            Some((port, refusal)) if self.forwarded.is_empty() => Err(refusal.of_port(port)),
            _ => Ok(self.forwarded.iter().map(|one| one.port).collect()),
        }
    }

    /// The result of a request for one port.
    pub(crate) fn into_single(mut self) -> Result<Forwarded, Refusal> {
        if let Some(forwarded) = self.forwarded.pop() {
            return Ok(forwarded);
        }
        let failed = self.failed.pop().map(|(_, refusal)| refusal);
        Err(failed.unwrap_or_else(|| Detail::Unknown.into()))
    }
}
