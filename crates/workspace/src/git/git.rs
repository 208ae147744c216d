//! The git operations of one workspace.

use std::sync::Arc;

use futures_util::FutureExt as _;
use loopwire_channel::{CommandError, Executor, Journal, Peer};
use parking_lot::Mutex;
use tokio_util::task::TaskTracker;

use crate::context::WorkspaceContext;
use crate::options::Options;

use super::askpass::{Askpass, Starter};
use super::context::Context;
use super::operation::{Operation, OperationState, Stop};
use super::register::{Register, closed};
use super::request::GitRequest;
use super::run::{self, Job};
use super::tool::Tool;
use super::turns::Turns;

/// The git operations of a workspace. Clones share them.
#[derive(Clone)]
pub struct Git(pub(super) Arc<GitInner>);

pub(super) struct GitInner {
    context: Arc<Context>,
    pub(super) askpass: Askpass,
    journal: Arc<Journal>,
    executor: Executor,
    register: Arc<Mutex<Register>>,
    turns: Arc<Turns>,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Git {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Git")
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}

impl Git {
    /// Git beneath `root`. Nothing is started before the first operation.
    #[must_use]
    pub(crate) fn new(context: WorkspaceContext, options: &Options) -> Self {
        let askpass = Askpass::new(
            &context.journal,
            &context.executor,
            options.credentials_wait,
        );
        let for_runs = Arc::new(Context {
            root: context.root,
            tool: Tool::new(context.guardian, options.env.clone()),
            protocols: options.git_protocols.clone(),
            trusted: options.trust_repositories,
        });
        Self(Arc::new(GitInner {
            context: for_runs,
            askpass,
            journal: context.journal,
            executor: context.executor,
            register: Arc::default(),
            turns: Arc::default(),
            tasks: TaskTracker::new(),
        }))
    }

    /// The number of operations that run, or wait for their turn.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.register.lock().len()
    }

    /// Starts an operation for the application. Returns at once; [`Operation::done`] tells what came of it.
    ///
    /// # Errors
    /// `BAD_MESSAGE`, `URL_REFUSED`, `ID_IN_USE`, `TOO_MANY_OPERATIONS`, `NO_WORKSPACE`.
    pub fn start(&self, mut request: GitRequest) -> Result<Operation, CommandError> {
        let starter = Starter::Application(request.asker.take());
        let state = self.begin(request, starter)?;
        Ok(Operation::new(state))
    }

    /// Starts an operation.
    pub(super) fn begin(
        &self,
        request: GitRequest,
        starter: Starter,
    ) -> Result<Arc<OperationState>, CommandError> {
        let shared = &self.0;
        let handle = shared.executor.handle().ok_or_else(closed)?;
        let prepared = run::prepare(request, &shared.context)?;
        let (state, entrance) = {
            let mut register = shared.register.lock();
            let state = register.add(prepared.id.clone())?;
            (state, shared.turns.enter())
        };
        let job = Job {
            context: Arc::clone(&shared.context),
            askpass: shared.askpass.clone(),
            journal: Arc::clone(&shared.journal),
            register: Arc::clone(&shared.register),
            turns: Arc::clone(&shared.turns),
            state: Arc::clone(&state),
            starter,
        };
        shared
            .tasks
            .spawn_on(run::live(job, prepared, entrance).boxed(), &handle);
        Ok(state)
    }

    /// Tells an operation to end. False if none with that id runs.
    pub(super) fn cancel(&self, id: &serde_json::Value) -> bool {
        let state = self.0.register.lock().get(id).cloned();
        if let Some(state) = &state {
            state.stop(Stop::Cancelled);
        }
        state.is_some()
    }

    /// A connection has ended. Its operations go on; what it was asked for will not come.
    pub fn left(&self, peer: &Peer) {
        self.0.askpass.left(peer);
    }

    /// Ends all operations and accepts no more. Returns when none is left.
    pub async fn close(&self) {
        self.kill();
        self.0.register.lock().stop();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Accepts no more operations, without waiting for those that run: the guardian kills them.
    pub fn kill(&self) {
        self.0.register.lock().close();
    }
}
