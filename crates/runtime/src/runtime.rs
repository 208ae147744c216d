//! A runtime: everything of one Node environment (or of the C library's one default instance).

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt as _;
use loopwire_channel::{
    Bounds, Callback, Executor, Identity, Journal, Listener, ListenerOptions, OpenError, SinkWaker,
    Tls, TlsError, Token, bind, fault,
};
use loopwire_forward::{Api, Engine, Settings as ForwardSettings};
use loopwire_workspace::{OpenError as WorkspaceError, Options as WorkspaceOptions, Workspace};
use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;

use crate::engines::Engines;
use crate::threads::Threads;

/// What went wrong before anything was started.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The port could not be bound.
    #[error("{source}: {address}")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The listener could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The operating system gave no threads.
    #[error("the threads could not be started: {0}")]
    Threads(io::Error),
    /// It was ended for good.
    #[error("the runtime was shut down")]
    Ended,
    /// `configure` asked for other bounds than those in use.
    #[error("the journal is in use: its bounds can be set before the first use only")]
    JournalInUse,
    /// There is a workspace already.
    #[error("a workspace is open already, and there is one per runtime: close() it first")]
    WorkspaceOpen,
    /// The workspace could not be opened.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
}

/// What `configure` may set at any time, and what only before the first use.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The journal's bounds; fixed at its first use.
    pub bounds: Bounds,
    /// The forward engine's times and limits.
    pub forward: ForwardSettings,
}

/// What a listener is opened with.
pub struct OpenListener {
    /// The address to bind, loopback unless the application asked otherwise.
    pub host: IpAddr,
    /// The port; 0 for any.
    pub port: u16,
    /// What admits clients.
    pub token: Token,
    /// Wakes the application when there is something to drain; `None` for a channel without a callback.
    pub waker: Option<Arc<dyn SinkWaker>>,
    /// Whether the callback gets events. Without them it gets only what connections bring.
    pub events: bool,
    /// Whether the callback's events come with their detail twins.
    pub detail: bool,
    /// Where the certificate comes from, if TLS is to be spoken.
    pub tls: Option<Tls>,
    /// All else.
    pub options: ListenerOptions,
}

#[derive(Default)]
pub(crate) struct State {
    settings: Settings,
    pub(crate) journal: Option<Arc<Journal>>,
    pub(crate) threads: Option<Threads>,
    pub(crate) listeners: Vec<Arc<Listener>>,
    /// Shared with the listeners.
    pub(crate) engines: Engines,
    /// The local HTTP API, if it was started.
    pub(crate) api: Option<Api>,
    on_liveness: Option<Hook>,
    /// How many `shutdown()`s are under way.
    pub(crate) ending: usize,
    /// Nothing starts any more.
    pub(crate) ended: bool,
}

/// Told that something may have begun or ceased to keep the process alive.
type Hook = Arc<dyn Fn() + Send + Sync>;

/// One environment's runtime. Starts lazily, and afresh after `Runtime::shutdown`.
#[derive(Default)]
pub struct Runtime {
    pub(crate) state: Mutex<State>,
    /// A `shutdown()` has ended.
    pub(crate) ended: Condvar,
    /// The environment ends: a `shutdown()` that is under way has no more time.
    pub(crate) hurry: Notify,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

impl Runtime {
    /// The journal, made at first use.
    #[must_use]
    pub fn journal(&self) -> Arc<Journal> {
        self.state.lock().journal()
    }

    /// The journal, if it was used.
    #[must_use]
    pub fn started_journal(&self) -> Option<Arc<Journal>> {
        self.state.lock().journal.clone()
    }

    /// Changes settings: the forward engine's at any time, the journal's bounds before its first use.
    ///
    /// # Errors
    /// [`RuntimeError::JournalInUse`] if it is in use with other bounds; then nothing was changed.
    pub fn configure(&self, settings: Settings) -> Result<(), RuntimeError> {
        let mut state = self.state.lock();
        if state
            .journal
            .as_ref()
            .is_some_and(|journal| journal.bounds() != settings.bounds)
        {
            return Err(RuntimeError::JournalInUse);
        }
        if let Some(engine) = state.engines.forward.get() {
            engine.configure(|current| current.clone_from(&settings.forward));
        }
        state.settings = settings;
        Ok(())
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state.lock().settings.clone()
    }

    /// The forward engine, started at first use.
    ///
    /// # Errors
    /// [`RuntimeError::Threads`].
    pub fn forward(&self) -> Result<Engine, RuntimeError> {
        let mut state = self.state.lock();
        if let Some(engine) = state.engines.forward.get() {
            return Ok(engine);
        }
        let journal = state.journal();
        let engine = Engine::new(
            Arc::clone(&journal),
            state.handle()?,
            state.settings.forward.clone(),
        );
        engine.on_fault(move |component, code, message| {
            fault::report(&journal, component, code, message);
        });
        if let Some(hook) = state.on_liveness.clone() {
            engine.on_liveness(move |_| hook());
        }
        state.engines.forward.set(Some(engine.clone()));
        Ok(engine)
    }

    /// The forward engine, if it was started.
    #[must_use]
    pub fn started_forward(&self) -> Option<Engine> {
        self.state.lock().engines.forward.get()
    }

    /// Has `hook` called when ports begin or cease to keep the process alive. Before the first use.
    pub fn on_liveness(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.state.lock().on_liveness = Some(Arc::new(hook));
    }

    /// Whether forwarded ports, or the HTTP API, keep the process alive.
    #[must_use]
    pub fn is_forwarding(&self) -> bool {
        self.state.lock().api.is_some()
            || self.started_forward().is_some_and(|engine| engine.active())
    }

    /// Starts the local HTTP API. One that runs on another port is stopped once the new one is bound.
    ///
    /// # Errors
    /// [`RuntimeError::Bind`], [`RuntimeError::Threads`]; then one that ran goes on.
    pub fn start_http_api(&self, port: u16, token: Option<Token>) -> Result<(), RuntimeError> {
        let engine = self.forward()?;
        let started = engine.start_http_api(port, token);
        let api = started.map_err(|source| RuntimeError::Bind {
            address: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port),
            source,
        })?;
        let mut state = self.state.lock();
        if state.ended {
            return Err(RuntimeError::Ended);
        }
        // Dropped, the one before stops.
        let before = state.api.replace(api);
        drop(state);
        drop(before);
        Ok(())
    }

    /// Stops the local HTTP API. Posts and returns.
    pub fn stop_http_api(&self) {
        let api = self.state.lock().api.take();
        drop(api);
    }

    /// Opens the one workspace that a runtime may have.
    ///
    /// # Errors
    /// [`RuntimeError::WorkspaceOpen`], [`RuntimeError::Workspace`], [`RuntimeError::Threads`].
    pub fn open_workspace(
        &self,
        root: &Path,
        options: WorkspaceOptions,
    ) -> Result<Workspace, RuntimeError> {
        let mut state = self.state.lock();
        if state.engines.workspace.get().is_some() {
            return Err(RuntimeError::WorkspaceOpen);
        }
        let (journal, executor) = (state.journal(), state.executor()?);
        let workspace = Workspace::open(root, options, journal, executor)?;
        state.engines.workspace.set(Some(workspace.clone()));
        if !state.listeners.is_empty() {
            workspace.listened();
        }
        Ok(workspace)
    }

    /// Takes a workspace away from the listeners: clients are answered `NO_WORKSPACE` from here on. What runs in it ends
    /// with [`Workspace::close`].
    pub fn remove_workspace(&self, workspace: &Workspace) {
        let engines = self.state.lock().engines.clone();
        engines.workspace.take_if(|open| open.is(workspace));
    }

    /// Whether this one is the workspace that is open.
    #[must_use]
    pub fn has_workspace(&self, workspace: &Workspace) -> bool {
        let open = self.state.lock().engines.workspace.get();
        open.is_some_and(|open| open.is(workspace))
    }

    /// Binds and starts a listener. The certificate is checked before the port is bound, and that before any
    /// thread starts, so that what is wrong with them is thrown, not reported later.
    ///
    /// # Errors
    /// [`RuntimeError`]; then nothing was left behind.
    pub fn open(
        &self,
        mut open: OpenListener,
    ) -> Result<(Arc<Listener>, Option<Arc<Callback>>), RuntimeError> {
        if let Some(tls) = &open.tls {
            let identity = Identity::new(tls, open.host, &open.options.allowed_hosts)?;
            open.options.tls = Some(identity);
        }
        let address = SocketAddr::new(open.host, open.port);
        let socket = bind(address).map_err(|source| RuntimeError::Bind { address, source })?;
        let mut state = self.state.lock();
        let journal = state.journal();
        let executor = state.executor()?;
        // A callback without events has a journal of its own, in which nothing is published.
        let unread = (!open.events).then(|| Journal::new(Bounds::default()));
        let read = unread.as_ref().unwrap_or(&journal);
        let callback = open
            .waker
            .map(|waker| Callback::new(read, waker, open.detail));
        let listener = Listener::open(
            executor,
            socket,
            &journal,
            open.token,
            callback.clone(),
            state.engines.all(),
            open.options,
        )
        .inspect_err(|_| callback.iter().for_each(|callback| callback.close()))?;
        // One that is closing has connections to end: `shutdown()` waits for them.
        state.listeners.retain(|listener| !listener.has_ended());
        state.listeners.push(Arc::clone(&listener));
        if let Some(workspace) = state.engines.workspace.get() {
            workspace.listened();
        }
        tracing::info!(address = %listener.address(), "a listener is open");
        Ok((listener, callback))
    }

    /// Spawns on the runtime's threads, if it runs.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> bool {
        let state = self.state.lock();
        state
            .threads
            .as_ref()
            .map(|threads| threads.tokio.spawn(future.boxed()))
            .is_some()
    }

    /// How many tasks run.
    #[must_use]
    pub fn tasks(&self) -> usize {
        let state = self.state.lock();
        state
            .threads
            .as_ref()
            .map_or(0, |threads| threads.tokio.metrics().num_alive_tasks())
    }

    /// The listeners that are open.
    #[must_use]
    pub fn listeners(&self) -> Vec<Arc<Listener>> {
        let state = self.state.lock();
        state
            .listeners
            .iter()
            .filter(|listener| !listener.is_closed())
            .cloned()
            .collect()
    }
}

impl State {
    fn journal(&mut self) -> Arc<Journal> {
        Arc::clone(
            self.journal
                .get_or_insert_with(|| Journal::new(self.settings.bounds)),
        )
    }

    fn executor(&mut self) -> Result<Executor, RuntimeError> {
        if self.ended {
            return Err(RuntimeError::Ended);
        }
        if let Some(threads) = &self.threads {
            return Ok(threads.executor.clone());
        }
        let threads = Threads::start().map_err(RuntimeError::Threads)?;
        Ok(self.threads.insert(threads).executor.clone())
    }

    fn handle(&mut self) -> Result<tokio::runtime::Handle, RuntimeError> {
        self.executor()?;
        let threads = self.threads.as_ref();
        let handle = threads.map(|threads| threads.tokio.handle().clone());
        handle.ok_or_else(|| RuntimeError::Threads(io::ErrorKind::NotConnected.into()))
    }
}
