//! A job: one port's part of a request, from its turn to a port that forwards, or a failure.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::lane::{Lane, Turn};
use super::outcome::{JobOutcome, forwarded, saved};
use super::picker::{Candidate, Picker};
use super::state::EngineState;
use crate::connection::open_port;
use crate::dial::leads_back;
use crate::health::{Assignment, NewAssignment, Selection};
use crate::model::{Detail, Failure, Target};
use crate::port::{Context, Port, Reserved, Rules, Start, reserve, supervise};
use crate::provider::Filter;
use crate::upstream::Upstream;

/// The upstream that a job is to use.
pub(crate) enum UpstreamChoice {
    /// The provider's proxy of that id.
    Named(String),
    /// One that matches a filter and completes a handshake; never `except`.
    Matching {
        picker: Arc<Picker>,
        except: Option<String>,
        /// Skip upstreams that failed lately: nobody waits for this job, and the port's own upstream may recover.
        healthy_only: bool,
    },
    /// The one that was given with the request.
    Inline(Box<Upstream>, serde_json::Value),
}

/// The kind of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobKind {
    /// Forward a port, whether it is forwarded already or not.
    Create,
    /// The same, but skip a port that is not free.
    CreateFree,
    /// Restore a saved port: it is kept even if its upstream fails.
    Restore,
    /// Another upstream for a forwarded port.
    Rotate,
    /// The same upstream, asked for again, for a forwarded port.
    Renew,
    /// The same upstream, as the provider's edited list has it.
    Edit,
}

impl JobKind {
    const fn needs_port(self) -> bool {
        matches!(self, Self::Rotate | Self::Renew | Self::Edit)
    }

    /// The reason in the port's status.
    const fn reason(self) -> &'static str {
        match self {
            Self::Create | Self::CreateFree => "forwarded",
            Self::Restore => "restored",
            Self::Rotate => "rotated",
            Self::Renew => "renewed",
            Self::Edit => "edited",
        }
    }
}

/// A job, and its turn among the jobs for the same port.
pub(crate) struct Job {
    pub(crate) engine: Arc<EngineState>,
    pub(crate) lane: Arc<Lane>,
    pub(crate) turn: Turn,
    pub(crate) port: u16,
    pub(crate) plan: String,
    pub(crate) action_type: String,
    pub(crate) choice: UpstreamChoice,
    pub(crate) kind: JobKind,
    /// `None` keeps the rules of a forwarded port.
    pub(crate) rules: Option<Rules>,
    /// The filter that a restored proxy was picked with.
    pub(crate) filter: Option<Filter>,
    pub(crate) begun: SystemTime,
}

/// An upstream and the result of a handshake with it.
struct CheckedUpstream {
    candidate: Candidate,
    selection: Selection,
    handshake: Result<Duration, Failure>,
}

impl Job {
    /// Waits for its turn and runs. A panic is reported and counts as a failure.
    pub(crate) async fn run(mut self) -> Result<JobOutcome, Detail> {
        self.turn.wait().await;
        let context = Arc::clone(&self.engine.context);
        supervise::once(&context, "forward:request", self.forward())
            .await
            .unwrap_or(Err(Detail::Unknown))
    }

    async fn forward(&self) -> Result<JobOutcome, Detail> {
        let preparing = self.turn.cancel.run_until_cancelled(self.prepare());
        let prepared = preparing.await.unwrap_or_else(|| Err(self.cancelled()))?;
        let Some((found, reserved)) = prepared else {
            return Ok(JobOutcome::Skipped);
        };
        let Candidate {
            upstream,
            health,
            lease,
        } = found.candidate;
        let assignment = Assignment::new(NewAssignment {
            upstream,
            selection: found.selection,
            plan: self.plan.clone(),
            action_type: self.action_type.clone(),
            requested: self.begun,
            lease,
            health,
        });
        let failed = match &found.handshake {
            Ok(latency) => {
                assignment.set_latency(*latency);
                None
            }
            Err(failure) => {
                if !failure.is_local() {
                    assignment.set_last_error(failure.to_string());
                }
                Some(failure.detail())
            }
        };
        let (port, version, saved) = match reserved {
            None => self.swap(assignment)?,
            Some(reserved) => {
                let start = failed
                    .as_ref()
                    .map_or(Start::Online(self.kind.reason()), |detail| {
                        Start::Offline(detail.to_string())
                    });
                let (port, saved) = self.open(reserved, Arc::new(assignment), start)?;
                (port, 1, saved)
            }
        };
        port.reported(version).await;
        match failed {
            Some(detail) => Err(detail),
            None => Ok(JobOutcome::Forwarded(forwarded(&port, saved))),
        }
    }

    /// Everything that can fail or take time; nothing is changed yet. `None` if the port is skipped.
    async fn prepare(&self) -> Result<Option<(CheckedUpstream, Option<Reserved>)>, Detail> {
        if self.engine.is_closed() {
            return Err(Detail::ShutDown);
        }
        let range = self.engine.range();
        if !range.contains(self.port) {
            return Err(Detail::PortOutOfRange);
        }
        // A forwarded port is newer than its saved state.
        let passes_over = matches!(self.kind, JobKind::CreateFree | JobKind::Restore);
        if passes_over && self.lane.port().is_some() {
            return Ok(None);
        }
        if self.kind.needs_port() && self.lane.port().is_none() {
            return Err(Detail::Removed);
        }
        let named = match &self.choice {
            UpstreamChoice::Named(id) => {
                let provider = self.engine.provider().ok_or(Detail::NoProvider)?;
                Some(provider.find(id, &self.plan, &self.action_type).await?)
            }
            _ => None,
        };
        self.lane.vacant().await;
        let reserved = match self.lane.port() {
            Some(_) => None,
            None => match reserve(range.address(self.port)) {
                Ok(reserved) => Some(reserved),
                Err(error)
                    if self.kind == JobKind::CreateFree
                        && error.kind() == std::io::ErrorKind::AddrInUse =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(self.unbound(&error)),
            },
        };
        let found = self.find(named).await?;
        Ok(Some((found, reserved)))
    }

    /// Finds an upstream that completes a handshake; a restored port accepts one that does not.
    async fn find(&self, named: Option<Upstream>) -> Result<CheckedUpstream, Detail> {
        let (upstream, selection) = match (&self.choice, named) {
            (
                UpstreamChoice::Matching {
                    picker,
                    except,
                    healthy_only,
                },
                _,
            ) => return self.pick(picker, except, *healthy_only).await,
            (UpstreamChoice::Inline(upstream, given), _) => {
                ((**upstream).clone(), Selection::Inline(given.clone()))
            }
            (UpstreamChoice::Named(_), Some(upstream)) => (upstream, self.selection()),
            (UpstreamChoice::Named(_), None) => return Err(Detail::Unknown),
        };
        let health = self.context().upstreams.health(&upstream);
        let candidate = Candidate {
            lease: health.lease(),
            upstream,
            health,
        };
        let handshake = self.handshake(&candidate).await;
        match (&handshake, self.kind) {
            (Err(failure), kind) if kind != JobKind::Restore => Err(failure.detail()),
            _ => Ok(CheckedUpstream {
                candidate,
                selection,
                handshake,
            }),
        }
    }

    /// Tries each candidate once, until one completes a handshake. If none does, the last failure is the reason.
    async fn pick(
        &self,
        picker: &Picker,
        except: &Option<String>,
        healthy_only: bool,
    ) -> Result<CheckedUpstream, Detail> {
        let mut tried: HashSet<String> = except.iter().cloned().collect();
        let mut last = Detail::NoPortAvailable;
        while let Some(candidate) = picker
            .next(self.context(), &mut tried, healthy_only)
            .await?
        {
            match self.handshake(&candidate).await {
                Ok(latency) => {
                    return Ok(CheckedUpstream {
                        candidate,
                        selection: Selection::Matching(picker.filter.clone()),
                        handshake: Ok(latency),
                    });
                }
                // The next one would fail in the same way, and would not be to blame.
                Err(failure) if failure.is_local() => return Err(failure.detail()),
                Err(failure) => last = failure.detail(),
            }
        }
        Err(last)
    }

    async fn handshake(&self, candidate: &Candidate) -> Result<Duration, Failure> {
        let context = self.context();
        let (settings, probe) = (context.settings(), self.probe());
        // For another port the same upstream may be a good one, so the upstream's health is not concerned.
        let result = if self.is_loop(&candidate.upstream).await {
            Err(Failure::Loop)
        } else {
            candidate.health.check(&settings, probe.as_ref()).await
        };
        if let Err(failure) = &result {
            context.log(|| format!("{}: {}: {failure}", self.port, candidate.upstream));
        }
        result
    }

    /// Whether the upstream leads back to the port.
    async fn is_loop(&self, upstream: &Upstream) -> bool {
        let range = self.engine.range();
        let address = match self.lane.port() {
            Some(port) => port.address,
            None => range.address(self.port),
        };
        match &upstream.address {
            Some(to) => leads_back(Some(address), to).await,
            None => false,
        }
    }

    /// The probe target of its check: from the job's rules, the port's rules, or the settings.
    fn probe(&self) -> Option<Target> {
        match (&self.rules, self.lane.port()) {
            (Some(rules), _) => rules
                .probe
                .clone()
                .or_else(|| self.context().settings().probe.clone()),
            (None, Some(port)) => port.probe(),
            (None, None) => self.context().settings().probe.clone(),
        }
    }

    /// A renewed proxy keeps the selection it had.
    fn selection(&self) -> Selection {
        match (self.kind, self.lane.port()) {
            (JobKind::Renew | JobKind::Edit, Some(port)) => port.assignment().selection.clone(),
            _ => self
                .filter
                .clone()
                .map_or(Selection::Named, Selection::Matching),
        }
    }

    /// Another upstream for the port, unless it was removed in the meantime.
    fn swap(&self, assignment: Assignment) -> Result<(Arc<Port>, u64, u64), Detail> {
        let swap = |port: &Arc<Port>| {
            if self.turn.cancel.is_cancelled() {
                return None;
            }
            let assignment = match self.kind {
                JobKind::Renew => assignment.renewing(&port.assignment()),
                _ => assignment,
            };
            if let Some(rules) = &self.rules {
                port.set_rules(rules.clone());
            }
            let version = port.swap(Arc::new(assignment), self.kind.reason());
            Some((Arc::clone(port), version, self.engine.save(saved(port))))
        };
        self.lane
            .change(swap)
            .flatten()
            .ok_or_else(|| self.cancelled())
    }

    fn open(
        &self,
        reserved: Reserved,
        assignment: Arc<Assignment>,
        start: Start,
    ) -> Result<(Arc<Port>, u64), Detail> {
        // The range may have shrunk in the meantime, when there was no port to remove yet.
        if !self.engine.range().contains(self.port) {
            return Err(Detail::PortOutOfRange);
        }
        // The range may have moved to loopback since the address was bound, and credentials been disabled.
        if !reserved.is_loopback() && self.context().local_auth.credentials().is_none() {
            return Err(Detail::PortUnavailable);
        }
        let context = Arc::clone(&self.engine.context);
        let rules = self.rules.clone().unwrap_or_default();
        let mut version = 0;
        let opened = self
            .lane
            .install(&self.turn, || {
                let port = open_port(context, self.port, reserved, assignment, rules, start)?;
                version = self.engine.save(saved(&port));
                Ok(port)
            })
            .ok_or_else(|| self.cancelled())?
            .map_err(|error| self.unbound(&error))?;
        self.engine.liveness.more();
        (self.engine.opened)(&self.engine, &opened);
        Ok((opened, version))
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
}
