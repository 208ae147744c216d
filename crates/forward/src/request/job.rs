//! A job: one port's part of a request, from its turn to a port that forwards, or a failure.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::kept::Kept;
use super::kind::{JobKind, UpstreamChoice};
use super::lane::{Lane, Turn};
use super::outcome::{JobOutcome, forwarded, saved, saved_with};
use super::picker::{Candidate, Picker};
use super::state::EngineState;
use crate::connection::open_port;
use crate::dial::leads_back;
use crate::health::{Assignment, NewAssignment, Selection};
use crate::model::{Detail, Failure, Refusal, Target};
use crate::port::{Context, Port, Reserved, Rules, Start, reserve, supervise};
use crate::provider::Filter;
use crate::upstream::{Protocol, Upstream};

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
    /// The port's assignment when the job was ordered: if another one serves it by the time of its turn, the job has
    /// nothing to do. `None` for any.
    pub(crate) judged: Option<Arc<Assignment>>,
    /// Somebody waits for the result, so it is on the disk before anything changes. Without it, the port comes first:
    /// a dead upstream is replaced although the disk is full.
    pub(crate) saves_first: bool,
    pub(crate) begun: SystemTime,
}

/// An upstream and the result of a handshake with it.
struct CheckedUpstream {
    candidate: Candidate,
    selection: Selection,
    /// The URL of the provider that it comes from.
    source: Option<Arc<str>>,
    handshake: Result<Duration, Failure>,
}

impl Job {
    /// Waits for its turn and runs. A panic is reported and counts as a failure.
    pub(crate) async fn run(mut self) -> Result<JobOutcome, Refusal> {
        self.turn.wait().await.ok_or_else(|| self.cancelled())?;
        let context = Arc::clone(&self.engine.context);
        supervise::once(&context, "forward:request", self.forward())
            .await
            .unwrap_or_else(|| Err(Detail::Unknown.into()))
    }

    async fn forward(&self) -> Result<JobOutcome, Refusal> {
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
            source: found.source,
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
                Some(assignment.upstream.refusal(failure))
            }
        };
        let start = match &failed {
            None => Start::Online(self.kind.reason()),
            Some(refusal) => Start::Offline(refusal.detail.to_string()),
        };
        let kept = match self.saves_first {
            true => Some(self.save(&assignment).await?),
            false => None,
        };
        let taken = match reserved {
            None => self.swap(assignment, start),
            Some(reserved) => self
                .open(reserved, Arc::new(assignment), start)
                .map(|(port, saved)| (port, 1, saved)),
        };
        if let (Err(_), Some(kept)) = (&taken, kept) {
            kept.undo();
        }
        let (port, version, saved) = taken?;
        port.reported(version).await;
        match failed {
            Some(refusal) => Err(refusal),
            None => Ok(JobOutcome::Forwarded(forwarded(&port, saved))),
        }
    }

    /// Everything that can fail or take time; nothing is changed yet. `None` if the port is skipped.
    async fn prepare(&self) -> Result<Option<(CheckedUpstream, Option<Reserved>)>, Refusal> {
        if self.engine.is_closed() {
            return Err(Detail::ShutDown.into());
        }
        let range = self.engine.range();
        if !range.contains(self.port) {
            return Err(Refusal::out_of_range(&range));
        }
        // A forwarded port is newer than its saved state.
        let passes_over = matches!(self.kind, JobKind::CreateFree | JobKind::Restore);
        if self.is_overtaken() || passes_over && self.lane.port().is_some() {
            return Ok(None);
        }
        if self.kind.needs_port() && self.lane.port().is_none() {
            return Err(Detail::Removed.into());
        }
        let named = match &self.choice {
            UpstreamChoice::Named(id) => Some(self.look_up(id).await?),
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
                Err(error) => return Err(self.unbound(&error, range.address(self.port))),
            },
        };
        let found = self.find(named).await?;
        Ok(Some((found, reserved)))
    }

    /// Asks the provider for the proxy of that id.
    async fn look_up(&self, id: &str) -> Result<(Upstream, Arc<str>), Refusal> {
        let provider = self.engine.provider().ok_or(Detail::NoProvider)?;
        let upstream = provider.find(id, &self.plan, &self.action_type).await?;
        if upstream.protocol == Protocol::Direct {
            // Fail closed: `direct` is the user's own word, never a server's and never a pick's.
            let trusted = provider.is_file() || self.context().settings().allow_provider_direct;
            if !trusted || self.selection().filter().is_some() {
                return Err(Detail::DirectRefused.into());
            }
        }
        Ok((upstream, provider.source()))
    }

    /// Finds an upstream that completes a handshake, or one that is taken without.
    async fn find(&self, named: Option<(Upstream, Arc<str>)>) -> Result<CheckedUpstream, Refusal> {
        let (upstream, selection, source) = match (&self.choice, named) {
            (
                UpstreamChoice::Matching {
                    picker,
                    except,
                    healthy_only,
                },
                _,
            ) => return self.pick(picker, except, *healthy_only).await,
            (UpstreamChoice::Inline(upstream, given), _) => {
                let selection = Selection::Inline(given.clone());
                ((**upstream).clone(), selection, None)
            }
            (UpstreamChoice::Listed(upstream), _) => {
                let source = self.assignment().and_then(|serving| serving.source.clone());
                ((**upstream).clone(), self.selection(), source)
            }
            (UpstreamChoice::Named(_), Some((upstream, source))) => {
                (upstream, self.selection(), Some(source))
            }
            (UpstreamChoice::Named(_), None) => return Err(Detail::Unknown.into()),
        };
        let health = self.context().upstreams.health(&upstream);
        let candidate = Candidate {
            lease: health.lease(),
            upstream,
            health,
        };
        let handshake = self.handshake(&candidate).await;
        match &handshake {
            Err(failure) if !self.takes_unreachable(&candidate.upstream) => {
                Err(candidate.upstream.refusal(failure))
            }
            _ => Ok(CheckedUpstream {
                candidate,
                selection,
                source,
                handshake,
            }),
        }
    }

    /// Whether an upstream is taken although it does not answer now. What is saved, and what the provider says of the
    /// port's own proxy, is what the port is to use: it waits for it, offline, rather than go on with another one.
    fn takes_unreachable(&self, upstream: &Upstream) -> bool {
        match self.kind {
            JobKind::Restore | JobKind::Edit => true,
            JobKind::Renew => self
                .assignment()
                .is_some_and(|serving| !serving.upstream.is_equivalent(upstream)),
            JobKind::Create | JobKind::CreateFree | JobKind::Rotate => false,
        }
    }

    /// The assignment that serves the port now.
    fn assignment(&self) -> Option<Arc<Assignment>> {
        self.lane.port().map(|port| port.assignment())
    }

    /// Whether another assignment has taken over since the job was ordered.
    fn is_overtaken(&self) -> bool {
        let judged = self.judged.as_ref().zip(self.assignment());
        judged.is_some_and(|(judged, serving)| !Arc::ptr_eq(judged, &serving))
    }

    /// Tries each candidate once, until one completes a handshake. If none does, the last failure is the reason.
    async fn pick(
        &self,
        picker: &Picker,
        except: &Option<String>,
        healthy_only: bool,
    ) -> Result<CheckedUpstream, Refusal> {
        let mut tried: HashSet<String> = except.iter().cloned().collect();
        let mut last = Refusal::from(Detail::NoPortAvailable);
        while let Some(candidate) = picker
            .next(self.context(), &mut tried, healthy_only)
            .await?
        {
            match self.handshake(&candidate).await {
                Ok(latency) => {
                    return Ok(CheckedUpstream {
                        candidate,
                        selection: Selection::Matching(picker.filter.clone()),
                        source: Some(picker.source()),
                        handshake: Ok(latency),
                    });
                }
                // The next one would fail in the same way, and would not be to blame.
                Err(error) if error.is_local() => return Err(candidate.upstream.refusal(&error)),
                Err(failure) => last = candidate.upstream.refusal(&failure),
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
        let Some(to) = &upstream.address else {
            return false;
        };
        let open = self.lane.port().map(|port| port.address);
        let from = open.unwrap_or_else(|| self.engine.range().address(self.port));
        leads_back(Some(from), to).await
    }

    /// The probe target of its check: from the job's rules, the port's rules, or the settings.
    fn probe(&self) -> Option<Target> {
        let own = match (&self.rules, self.lane.port()) {
            (None, Some(port)) => return port.probe(),
            (rules, _) => rules.as_ref().and_then(|rules| rules.probe.clone()),
        };
        own.or_else(|| self.context().settings().probe.clone())
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
    fn swap(&self, assignment: Assignment, start: Start) -> Result<(Arc<Port>, u64, u64), Refusal> {
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
            let version = port.swap(Arc::new(assignment), &start);
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
    ) -> Result<(Arc<Port>, u64), Refusal> {
        // The range may have shrunk in the meantime, when there was no port to remove yet.
        let range = self.engine.range();
        if !range.contains(self.port) {
            return Err(Refusal::out_of_range(&range));
        }
        // The range may have moved to loopback since the address was bound, and credentials been disabled.
        if !reserved.is_loopback() && self.context().local_auth.credentials().is_none() {
            return Err(Detail::PortUnavailable.into());
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
            .map_err(|error| self.unbound(&error, range.address(self.port)))?;
        self.engine.liveness.more();
        (self.engine.opened)(&self.engine, &opened);
        Ok((opened, version))
    }

    /// Saves what the port is about to be.
    async fn save(&self, assignment: &Assignment) -> Result<Kept, Refusal> {
        let rules = match (&self.rules, self.lane.port()) {
            (Some(rules), _) => rules.clone(),
            (None, Some(port)) => (*port.rules()).clone(),
            (None, None) => Rules::default(),
        };
        let entry = saved_with(self.port, assignment, &rules);
        let kept = Kept::save(&self.engine, &self.lane, &self.turn, entry).await;
        kept.ok_or_else(|| self.cancelled())?
    }

    fn context(&self) -> &Context {
        &self.engine.context
    }

    fn cancelled(&self) -> Refusal {
        match self.engine.is_closed() {
            true => Detail::ShutDown.into(),
            false => Detail::Removed.into(),
        }
    }

    fn unbound(&self, error: &std::io::Error, address: SocketAddr) -> Refusal {
        self.context().log(|| format!("{}: {error}", self.port));
        Refusal::of_bind(error, address)
    }
}
