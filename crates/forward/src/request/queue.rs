//! Makes the jobs of a request and queues them in their lanes.

use std::sync::Arc;
use std::time::SystemTime;

use super::job::Job;
use super::kind::{JobKind, UpstreamChoice};
use super::picker::Picker;
use super::state::EngineState;
use crate::model::Detail;
use crate::provider::{Filter, Provider};

/// The filter for the provider: with the request's plan and action.
pub(crate) fn provider_filter(mut filter: Filter, plan: &str, action: &str) -> Filter {
    plan.clone_into(&mut filter.plan);
    action.clone_into(&mut filter.action);
    filter
}

impl EngineState {
    /// Makes a job and queues it for its port.
    pub(crate) fn job(
        self: &Arc<Self>,
        port: u16,
        choice: UpstreamChoice,
        plan: &str,
        action_type: &str,
        kind: JobKind,
    ) -> Job {
        let lane = self.lane(port);
        Job {
            engine: Arc::clone(self),
            turn: lane.queue(),
            lane,
            port,
            plan: plan.to_owned(),
            action_type: action_type.to_owned(),
            choice,
            kind,
            rules: None,
            filter: None,
            judged: None,
            saves_first: matches!(kind, JobKind::Create | JobKind::CreateFree),
            begun: SystemTime::now(),
        }
    }

    /// A choice by filter, for one port.
    pub(crate) fn fitting(
        &self,
        filter: Filter,
        (plan, action): (&str, &str),
        except: Option<String>,
        healthy_only: bool,
    ) -> Result<UpstreamChoice, Detail> {
        let provider: Provider = self.provider().ok_or(Detail::NoProvider)?;
        let picker = Arc::new(Picker::new(
            provider,
            provider_filter(filter, plan, action),
            1,
        ));
        Ok(UpstreamChoice::Matching {
            picker,
            except,
            healthy_only,
        })
    }

    /// The filters of the ports: from their configurations, or this one.
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
}
