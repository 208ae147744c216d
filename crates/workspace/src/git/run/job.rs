//! One operation, and what it needs to be carried out.

use std::ffi::OsString;
use std::sync::Arc;

use loopwire_channel::{CommandError, Journal, fault};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::super::address::Address;
use super::super::askpass::{Askpass, AskpassRequest, AskpassSession, Starter, quoted};
use super::super::auth::Auth;
use super::super::context::Context;
use super::super::error::{Redactor, failure};
use super::super::operation::OperationState;
use super::super::progress::Meter;
use super::super::register::Register;
use super::super::tool::{Invocation, Output};
use super::super::turns::Turns;

/// One operation.
pub(crate) struct Job {
    pub(crate) context: Arc<Context>,
    pub(crate) askpass: Askpass,
    pub(crate) journal: Arc<Journal>,
    pub(crate) register: Arc<Mutex<Register>>,
    pub(crate) turns: Arc<Turns>,
    pub(crate) state: Arc<OperationState>,
    pub(crate) starter: Starter,
}

/// An operation while it is carried out.
pub(super) struct Running<'a> {
    pub(super) job: &'a Job,
    pub(super) meter: Mutex<Meter>,
    pub(super) auth: Option<Auth>,
    pub(super) redactor: Redactor,
    pub(super) deadline: Option<Instant>,
}

impl Running<'_> {
    pub(super) fn context(&self) -> &Context {
        &self.job.context
    }

    /// Waits until the operation has to end, and says why.
    async fn stop(&self) -> CommandError {
        let over = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            why = self.job.state.stopped() => why.refusal(),
            () = over => CommandError::new("TIMED_OUT", "the operation took longer than timeoutMs"),
        }
    }

    /// Waits for something that changes nothing, unless the operation has to end before.
    pub(super) async fn unless_stopped<T>(
        &self,
        wait: impl Future<Output = T>,
    ) -> Result<T, CommandError> {
        tokio::select! {
            biased;
            why = self.stop() => Err(why),
            done = wait => Ok(done),
        }
    }

    /// Asks git for one line. `None` if it has no answer.
    pub(super) async fn ask(&self, invocation: Invocation) -> Result<Option<String>, CommandError> {
        let asked = self.unless_stopped(self.context().tool.ask(invocation));
        let output = asked.await??;
        Ok(output.succeeded().then(|| output.line()))
    }

    /// Runs git to its end. Its progress is the operation's.
    async fn git(&self, invocation: Invocation) -> Result<Output, CommandError> {
        let follow = |line: &[u8]| {
            let mut meter = self.meter.lock();
            let is_progress = meter.read(line);
            if is_progress {
                self.show(&meter);
            }
            is_progress
        };
        fault::injection_point("git");
        let tool = &self.context().tool;
        tool.run(invocation, self.stop(), follow).await
    }

    /// Publishes how far it is.
    pub(super) fn show(&self, meter: &Meter) {
        let mut latest = meter.latest();
        latest.status = self.redactor.redact(&latest.status);
        self.job.state.progress.send_if_modified(|told| {
            let news = told.as_ref() != Some(&latest);
            *told = Some(latest);
            news
        });
    }

    /// Prepares for what git and ssh may ask for.
    async fn authenticate(
        &self,
        address: Option<&Address>,
        auth: Option<Auth>,
    ) -> Result<AskpassSession, CommandError> {
        let request = AskpassRequest {
            id: self.job.state.id.clone(),
            starter: self.job.starter.clone(),
            auth,
            url: address.and_then(Address::server),
        };
        let begun = self.unless_stopped(self.job.askpass.begin(request));
        begun.await?
    }

    /// Runs git to its end, with the credentials of the request or, without these, with those of the remote in
    /// `otherwise`. It must say that it has done what was asked.
    pub(super) async fn git_with(
        &self,
        address: Option<&Address>,
        otherwise: Option<Auth>,
        mut invocation: Invocation,
    ) -> Result<Output, CommandError> {
        let auth = self.auth.clone().or(otherwise);
        let redactor = Redactor::new(auth.as_ref());
        let session = self.authenticate(address, auth).await?;
        invocation.variables.extend(session.variables());
        if session.has_key() {
            let otherwise = self.ssh(&invocation).await?;
            let ssh = session.ssh_command(&otherwise);
            invocation.variables.push(("GIT_SSH_COMMAND".into(), ssh));
        }
        // After the repository's and the user's helpers, which it may take back.
        invocation.settings.extend(session.settings());
        loop {
            let output = self.git(invocation.clone()).await?;
            if output.succeeded() {
                return Ok(output);
            }
            let failed = failure(&output, &redactor);
            if !matches!(failed.code.as_ref(), "AUTH_FAILED" | "HOST_KEY") {
                return Err(failed);
            }
            if session.runs_again() {
                continue;
            }
            return Err(session.refusal().unwrap_or(failed));
        }
    }

    /// How git runs ssh, as the user has it.
    async fn ssh(&self, invocation: &Invocation) -> Result<OsString, CommandError> {
        let tool = &self.context().tool;
        if let Some(command) = tool.variable("GIT_SSH_COMMAND") {
            return Ok(command);
        }
        // With the settings that take back those of the repository.
        let mut asking = invocation.clone();
        asking.arguments = ["config", "--get", "core.sshCommand"]
            .map(Into::into)
            .into();
        if let Some(command) = self.ask(asking).await? {
            return Ok(command.into());
        }
        let program = tool.variable("GIT_SSH").map(|program| quoted(&program));
        Ok(program.unwrap_or_else(|| "ssh".into()))
    }
}
