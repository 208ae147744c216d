//! Another upstream for a port that is there: replaced, renewed or expired.

use std::sync::Arc;

use super::job::{Job, Kind, Want};
use super::outcome::{Done, Forwarded};
use super::state::EngineState;
use crate::health::{Ending, Link};
use crate::model::Detail;
use crate::port::Port;

impl EngineState {
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
    pub(super) fn expire(&self, port: &Arc<Port>, link: &Arc<Link>, reason: &str) {
        let Some(lane) = self.used_lane(port.number) else {
            return;
        };
        let still = || Arc::ptr_eq(&port.link(), link);
        let forget = || self.forget([port.number]);
        if lane.close_only(port, still, Ending::Automatic, reason, forget) {
            self.liveness.fewer();
        }
    }
}
