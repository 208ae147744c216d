//! What every part of the engine uses: journal, runtime, settings and hooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use loopwire_channel::{Journal, PublishError};
use parking_lot::RwLock;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::local_auth::LocalAuth;
use crate::health::UpstreamTable;
use crate::model::events;
use crate::provider::Account;
use crate::upstream::Settings;

type FaultHook = Arc<dyn Fn(&str, &str, &str) + Send + Sync>;

/// The engine's environment, given by the runtime.
pub(crate) struct Context {
    pub(crate) journal: Arc<Journal>,
    pub(crate) handle: Handle,
    /// Watched, so that a changed check interval reaches a port that is waiting.
    pub(crate) settings: watch::Sender<Arc<Settings>>,
    /// The health of all upstreams.
    pub(crate) upstreams: UpstreamTable,
    /// The credentials of local ports that have none of their own.
    pub(crate) local_auth: LocalAuth,
    /// What is sent with each request to the provider.
    pub(crate) account: Arc<Account>,
    /// Whether `log` events are published.
    debug: AtomicBool,
    /// Log events dropped since the last one that was published.
    dropped: AtomicU64,
    /// Log events dropped in all.
    dropped_total: AtomicU64,
    on_fault: RwLock<Option<FaultHook>>,
    /// Cancelled when the shutdown takes too long: tasks that still wait for journal room give up.
    pub(crate) abandon: CancellationToken,
}

impl Context {
    pub(crate) fn new(journal: Arc<Journal>, handle: Handle, settings: Settings) -> Self {
        Self {
            journal,
            handle,
            settings: watch::Sender::new(Arc::new(settings)),
            upstreams: UpstreamTable::default(),
            local_auth: LocalAuth::default(),
            account: Arc::default(),
            debug: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
            dropped_total: AtomicU64::new(0),
            on_fault: RwLock::default(),
            abandon: CancellationToken::new(),
        }
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    pub(crate) fn enable_debug(&self) {
        self.debug.store(true, Relaxed);
    }

    pub(crate) fn on_fault(&self, hook: FaultHook) {
        *self.on_fault.write() = Some(hook);
    }

    /// Reports that a part of the engine failed.
    pub(crate) fn fault(&self, component: &str, code: &str, message: &str) {
        let hook = self.on_fault.read().clone();
        if let Some(hook) = hook {
            hook(component, code, message);
        }
    }

    /// Writes a log line, and publishes a `log` event if debugging is on and the journal has room. Never waits.
    pub(crate) fn log(&self, message: impl FnOnce() -> String) {
        let events = self.debug.load(Relaxed);
        if !events && !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let message = message();
        tracing::debug!("{message}");
        if !events {
            return;
        }
        let missed = self.dropped.swap(0, Relaxed);
        if missed > 0 && !self.try_log(&format!("{missed} log events were dropped")) {
            self.dropped.fetch_add(missed, Relaxed);
        }
        if !self.try_log(&message) {
            self.dropped.fetch_add(1, Relaxed);
            self.dropped_total.fetch_add(1, Relaxed);
        }
    }

    fn try_log(&self, message: &str) -> bool {
        !matches!(
            self.journal.try_publish(&events::log(message)),
            Err(PublishError::Full)
        )
    }

    pub(crate) fn dropped_logs(&self) -> u64 {
        self.dropped_total.load(Relaxed)
    }
}
