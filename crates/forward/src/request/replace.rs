//! Another upstream for a forwarded port.

use std::sync::Arc;

use super::job::{Job, JobKind, UpstreamChoice};
use super::outcome::{Forwarded, JobOutcome};
use super::state::EngineState;
use crate::health::{Assignment, Ending};
use crate::model::Detail;
use crate::port::Port;

impl EngineState {
    /// Replaces or renews a port's upstream. With `healthy_only`, upstreams that failed lately are not tried.
    pub(crate) async fn replace(
        self: &Arc<Self>,
        port: &Arc<Port>,
        kind: JobKind,
        healthy_only: bool,
    ) -> Result<Forwarded, Detail> {
        self.run_replacement(self.replacement(port, kind, healthy_only)?)
            .await
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
            JobKind::Renew | JobKind::Edit => UpstreamChoice::Named(assignment.upstream.id.clone()),
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
        Ok(self.job(
            port.number,
            choice,
            &assignment.plan,
            &assignment.action_type,
            kind,
        ))
    }

    /// Runs such a job to its end.
    pub(crate) async fn run_replacement(&self, job: Job) -> Result<Forwarded, Detail> {
        match job.run().await? {
            JobOutcome::Forwarded(forwarded) => {
                self.saved(forwarded.version).await;
                Ok(forwarded)
            }
            JobOutcome::Skipped => Err(Detail::Unknown),
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
