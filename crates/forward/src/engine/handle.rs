//! The engine: its state, its settings, and its end. What the bindings call besides is in `calls`, `ports`,
//! `source`, `access`, `timing`, `persist` and `stats`.

use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::Journal;
use tokio::runtime::Handle;

use crate::health::Ending;
use crate::model::ForwardError;
use crate::port::Context;
use crate::request::{EngineState, Lane, Schedule, start_clock};
use crate::upstream::Settings;

/// How long shutting down waits for last events to find room in the journal. Sockets are closed long before;
/// only a callback that does not read can make this matter.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(1);

/// The kinds of tunnel that the SDK knows: Auto, Mux, Qux. KeptConnection and shown; every local port speaks the same.
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

    /// Has `hook` told whenever the number of forwarded ports leaves zero (`true`) or reaches it (`false`).
    /// Called from any thread, never twice at once, under no lock.
    pub fn on_liveness(&self, hook: impl Fn(bool) + Send + Sync + 'static) {
        self.0.liveness.set_hook(Arc::new(hook));
    }

    /// Has `hook(component, code, message)` told whenever a part of the engine failed.
    pub fn on_fault(&self, hook: impl Fn(&str, &str, &str) + Send + Sync + 'static) {
        self.0.context.on_fault(Arc::new(hook));
    }

    /// Switches `log` events on.
    pub fn enable_debug(&self) {
        self.0.context.enable_debug();
    }

    /// How many `log` events found no room in the journal.
    #[must_use]
    pub fn dropped_logs(&self) -> u64 {
        self.0.context.dropped_logs()
    }

    /// Keeps the kind of tunnel; it changes nothing else.
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

    /// What `set_protocol` was given; 0 at first.
    #[must_use]
    pub fn protocol(&self) -> u8 {
        *self.0.protocol.lock()
    }

    /// Changes timed rotation or renewal; every port goes by it at once.
    pub(super) fn reschedule(&self, change: impl FnOnce(&mut Schedule)) {
        self.0
            .schedule
            .send_modify(|schedule| change(Arc::make_mut(schedule)));
    }

    /// Changes settings at run time. What has begun goes on with the old ones.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.0.context.settings.send_modify(|settings| {
            change(Arc::make_mut(settings));
        });
        // What the ports' clocks go by is in there, too.
        self.0.schedule.send_modify(|_| {});
    }

    /// The settings as they are.
    #[must_use]
    pub fn settings(&self) -> Settings {
        (*self.0.context.settings()).clone()
    }

    /// The ports that are forwarded, in order.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        let lanes = self.0.all_lanes();
        let open = |(number, lane): (u16, Arc<Lane>)| lane.port().map(|_| number);
        lanes.into_iter().filter_map(open).collect()
    }

    /// Whether anything is forwarded: what `on_liveness` tells.
    #[must_use]
    pub fn active(&self) -> bool {
        self.0.liveness.ports() > 0
    }

    /// Ends everything. When it resolves, all ports are free and no task is left. May be called again.
    pub async fn shutdown(&self) {
        self.0.close();
        self.0.watching.lock().cancel();
        self.0.restoring.lock().cancel();
        let lanes = self.0.all_lanes();
        for (port, lane) in &lanes {
            self.0.clear(*port, lane, Ending::Stopped, "shut down");
        }
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
        // Last of all, so that the saved data holds what was forwarded and the next process finds it free.
        let store = self.0.store.lock().take();
        if let Some(store) = store {
            store.close().await;
        }
    }
}
