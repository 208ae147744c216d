//! The engine's handle: how it starts, its settings, and its end. Its other calls are in the files beside this one.

use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::Journal;
use tokio::runtime::Handle;

use crate::health::Ending;
use crate::model::ForwardError;
use crate::port::Context;
use crate::request::{EngineState, Lane, Schedule, start_clock};
use crate::upstream::Settings;

/// How long the shutdown waits for journal room for the last events. Sockets are closed long before; this matters
/// only if a callback does not read.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(1);

/// The protocols of the SDK: Auto, Mux, Qux. The value is kept and shown; every local port works the same.
const MAX_PROTOCOL: u8 = 2;

/// The forward engine of one runtime. Clones are handles to the same engine.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<EngineState>);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("ports", &self.ports())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine that publishes into `journal` and runs on `handle`. It does nothing until it is called.
    #[must_use]
    pub fn new(journal: Arc<Journal>, handle: Handle, settings: Settings) -> Self {
        let context = Arc::new(Context::new(journal, handle, settings));
        // Weak: the context owns the account.
        let log = Arc::downgrade(&context);
        context.account.set_log(move |text| {
            if let Some(context) = log.upgrade() {
                context.log(|| text.to_owned());
            }
        });
        Self(Arc::new(EngineState::new(context, start_clock)))
    }

    /// Calls `hook` whenever the number of forwarded ports leaves zero (`true`) or reaches it (`false`). Called from
    /// any thread, never concurrently, and without a lock.
    pub fn on_liveness(&self, hook: impl Fn(bool) + Send + Sync + 'static) {
        self.0.liveness.set_hook(Arc::new(hook));
    }

    /// Calls `hook(component, code, message)` whenever a part of the engine fails.
    pub fn on_fault(&self, hook: impl Fn(&str, &str, &str) + Send + Sync + 'static) {
        self.0.context.on_fault(Arc::new(hook));
    }

    /// Enables `log` events.
    pub fn enable_debug(&self) {
        self.0.context.enable_debug();
    }

    /// How many `log` events were dropped because the journal was full.
    #[must_use]
    pub fn dropped_logs(&self) -> u64 {
        self.0.context.dropped_logs()
    }

    /// Sets the protocol; it changes nothing else.
    ///
    /// # Errors
    /// [`ForwardError::Protocol`].
    pub fn set_protocol(&self, protocol: u8) -> Result<(), ForwardError> {
        if protocol > MAX_PROTOCOL {
            return Err(ForwardError::Protocol);
        }
        *self.0.protocol.lock() = protocol;
        Ok(())
    }

    /// The value of `set_protocol`; 0 at first.
    #[must_use]
    pub fn protocol(&self) -> u8 {
        *self.0.protocol.lock()
    }

    /// Changes timed rotation or renewal; every port follows at once.
    pub(super) fn reschedule(&self, change: impl FnOnce(&mut Schedule)) {
        self.0
            .schedule
            .send_modify(|schedule| change(Arc::make_mut(schedule)));
    }

    /// Changes settings at run time. What has started continues with the old ones.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.0.context.settings.send_modify(|settings| {
            change(Arc::make_mut(settings));
        });
        // The ports' clocks use them too.
        self.0.schedule.send_modify(|_| {});
    }

    /// The current settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        (*self.0.context.settings()).clone()
    }

    /// The forwarded ports, in order.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        let lanes = self.0.all_lanes();
        let open = |(number, lane): (u16, Arc<Lane>)| lane.port().map(|_| number);
        lanes.into_iter().filter_map(open).collect()
    }

    /// Whether any port is forwarded: the value for `on_liveness`.
    #[must_use]
    pub fn active(&self) -> bool {
        self.0.liveness.ports() > 0
    }

    /// Stops what can be stopped at once: no request starts any more, and all ports are free when it returns.
    /// [`Engine::shutdown`] does the rest. May be called again.
    pub fn stop(&self) {
        self.0.close();
        self.0.watching.lock().cancel();
        self.0.restoring.lock().cancel();
        for (port, lane) in self.0.all_lanes() {
            self.0.clear(port, &lane, Ending::Stopped, "shut down");
        }
    }

    /// Ends everything. When it resolves, all ports are free and no task is left. May be called again.
    pub async fn shutdown(&self) {
        self.stop();
        let lanes = self.0.all_lanes();
        self.0.requests.close();
        let over = async {
            self.0.requests.wait().await;
            for (_, lane) in &lanes {
                lane.vacant().await;
            }
        };
        let mut over = std::pin::pin!(over);
        if tokio::time::timeout(SHUTDOWN_DEADLINE, &mut over)
            .await
            .is_err()
        {
            self.0.context.abandon.cancel();
            over.await;
        }
        // Last, so that the saved data holds what was forwarded, and the next process finds the directory free.
        let store = self.0.store.lock().take();
        if let Some(store) = store {
            store.close().await;
        }
    }
}
