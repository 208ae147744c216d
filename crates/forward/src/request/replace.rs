//! Another upstream for a forwarded port.

use std::sync::Arc;

use super::job::Job;
use super::kind::{JobKind, UpstreamChoice};
use super::outcome::{Forwarded, JobOutcome};
use super::state::EngineState;
use crate::health::{Assignment, Ending};
use crate::model::{Detail, Refusal};
use crate::port::Port;
use crate::upstream::Upstream;

impl EngineState {
    /// Replaces or renews a port's upstream. With `healthy_only`, upstreams that failed lately are not tried.
    pub(crate) async fn replace(
        self: &Arc<Self>,
        port: &Arc<Port>,
        kind: JobKind,
        healthy_only: bool,
    ) -> Result<(), Refusal> {
        let job = self.replacement(port, kind, healthy_only)?;
        self.run_replacement(job).await.map(drop)
    }

    /// The job for that, queued for the port.
    pub(crate) fn replacement(
        self: &Arc<Self>,
        port: &Port,
        kind: JobKind,
        healthy_only: bool,
    ) -> Result<Job, Detail> {
        let assignment = port.assignment();
        let choice = match kind {
            JobKind::Renew => UpstreamChoice::Named(assignment.upstream.id.clone()),
            _ => {
                let own = self.config(port.number).map(|config| config.filter);
                let filter = own.or_else(|| assignment.selection.filter().cloned());
                // An upstream given inline is not replaced by one that nobody asked for.
                if filter.is_none() && !assignment.selection.is_provided() {
                    return Err(Detail::NoPortAvailable);
                }
                let except = Some(assignment.upstream.id.clone());
                self.fitting(
                    filter.unwrap_or_default(),
                    (&assignment.plan, &assignment.action_type),
                    except,
                    healthy_only,
                )?
            }
        };
        let mut job = self.job(
            port.number,
            choice,
            &assignment.plan,
            &assignment.action_type,
            kind,
        );
        if kind == JobKind::Renew {
            job.judged = Some(assignment);
        }
        Ok(job)
    }

    /// Runs such a job to its end. `None` if another upstream took over before its turn. If the job saves first, the
    /// result is on the disk.
    pub(crate) async fn run_replacement(&self, job: Job) -> Result<Option<Forwarded>, Refusal> {
        let saves_first = job.saves_first;
        match job.run().await? {
            JobOutcome::Forwarded(forwarded) => {
                if saves_first {
                    self.saved(forwarded.version).await?;
                }
                Ok(Some(forwarded))
            }
            JobOutcome::Skipped => Ok(None),
        }
    }

    /// Gives a port the entry that the provider's list has now, whether it answers or not.
    pub(super) async fn edit(
        self: &Arc<Self>,
        port: &Port,
        judged: &Arc<Assignment>,
        upstream: Upstream,
    ) -> Result<(), Refusal> {
        let mut job = self.job(
            port.number,
            UpstreamChoice::Listed(Box::new(upstream)),
            &judged.plan,
            &judged.action_type,
            JobKind::Edit,
        );
        job.judged = Some(Arc::clone(judged));
        job.run().await.map(drop)
    }

    /// Renews a port's upstream. If the provider says it is gone for good, the port is removed.
    pub(super) async fn renew(self: &Arc<Self>, port: &Arc<Port>) -> Result<(), Refusal> {
        let assignment = port.assignment();
        match self.replace(port, JobKind::Renew, false).await {
            Err(refusal) if refusal.detail.is_gone() => {
                self.expire(port, &assignment, &refusal.detail.to_string());
                Ok(())
            }
            result => result,
        }
    }

    /// Removes a port on the engine's behalf, unless its assignment has changed since it was judged.
    pub(super) fn expire(&self, port: &Arc<Port>, assignment: &Arc<Assignment>, reason: &str) {
        let Some(lane) = self.used_lane(port.number) else {
            return;
        };
        let still = || Arc::ptr_eq(&port.assignment(), assignment);
        let forget = || self.forget([port.number]);
        if lane.close_only(port, still, Ending::Automatic, reason, forget) {
            self.liveness.fewer();
        }
    }
}
