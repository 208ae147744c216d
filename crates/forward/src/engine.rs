//! The engine: its state, its settings, and its end. What the bindings call besides is in `calls`, `ports`,
//! `source`, `access`, `timing`, `persist` and `stats`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use loopwire_channel::{Journal, PublishError};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::Context;
use crate::error::ForwardError;
use crate::events;
use crate::health::Ending;
use crate::lane::Lane;
use crate::liveness::Liveness;
use crate::provider::{PortConfig, Provider};
use crate::range::Range;
use crate::schedule::Schedule;
use crate::settings::Settings;
use crate::store::{Saved, Store};

/// How long shutting down waits for last events to find room in the journal. Sockets are closed long before;
/// only a callback that does not read can make this matter.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(1);

/// The kinds of tunnel that the SDK knows: Auto, Mux, Qux. Kept and shown; every local port speaks the same.
const MAX_PROTOCOL: u8 = 2;

/// The forward engine of one runtime. Clones are handles to the same engine.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) context: Arc<Context>,
    /// One lane per port number ever used; a few bytes each, 65,535 at most.
    pub(crate) lanes: Mutex<BTreeMap<u16, Arc<Lane>>>,
    /// Held while a request takes its places in the lanes.
    pub(crate) queueing: Mutex<()>,
    /// `None` until it is set or first needed.
    range: Mutex<Option<Range>>,
    pub(crate) provider: Mutex<Option<Provider>>,
    /// Ends the watch over the provider before.
    pub(crate) watching: Mutex<CancellationToken>,
    /// What `putConfigPort` and `setConfigPorts` have set.
    configs: Mutex<BTreeMap<u16, PortConfig>>,
    /// Timed rotation and renewal. Watched by every port's clock.
    pub(crate) schedule: watch::Sender<Arc<Schedule>>,
    pub(crate) store: Mutex<Option<Store>>,
    /// Ends the restoring that is under way: a new one, or new data, takes its place.
    pub(crate) restoring: Mutex<CancellationToken>,
    /// How many times `stopProxy` was called: what was about to be restored stays where it is.
    pub(crate) stops: AtomicU64,
    /// What `setProtocol` has set.
    protocol: Mutex<u8>,
    pub(crate) liveness: Liveness,
    closed: AtomicBool,
    /// Requests under way.
    pub(crate) requests: TaskTracker,
}

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
        Self(Arc::new(Inner {
            context,
            lanes: Mutex::default(),
            queueing: Mutex::default(),
            range: Mutex::default(),
            provider: Mutex::default(),
            watching: Mutex::default(),
            configs: Mutex::default(),
            schedule: watch::Sender::default(),
            store: Mutex::default(),
            restoring: Mutex::default(),
            stops: AtomicU64::new(0),
            protocol: Mutex::default(),
            liveness: Liveness::default(),
            closed: AtomicBool::new(false),
            requests: TaskTracker::new(),
        }))
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
    pub(crate) fn reschedule(&self, change: impl FnOnce(&mut Schedule)) {
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
        self.0.closed.store(true, Relaxed);
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

impl Inner {
    pub(crate) fn lane(&self, port: u16) -> Arc<Lane> {
        Arc::clone(self.lanes.lock().entry(port).or_default())
    }

    /// The lane of a port that was ever used.
    pub(crate) fn used_lane(&self, port: u16) -> Option<Arc<Lane>> {
        self.lanes.lock().get(&port).cloned()
    }

    pub(crate) fn all_lanes(&self) -> Vec<(u16, Arc<Lane>)> {
        let lanes = self.lanes.lock();
        lanes
            .iter()
            .map(|(port, lane)| (*port, Arc::clone(lane)))
            .collect()
    }

    /// Ends what is on a lane. Whether the port stays in the saved data depends on why it ends.
    pub(crate) fn clear(&self, port: u16, lane: &Lane, ending: Ending, reason: &str) {
        let forget = || {
            if ending != Ending::Stopped {
                self.forget([port]);
            }
        };
        if lane.clear(ending, reason, forget) {
            self.liveness.fewer();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    pub(crate) fn provider(&self) -> Option<Provider> {
        self.provider.lock().clone()
    }

    /// A port's configuration, if it has one.
    pub(crate) fn config(&self, port: u16) -> Option<PortConfig> {
        self.configs.lock().get(&port).cloned()
    }

    /// Sets configurations; a port's clock goes by the new one at once.
    pub(crate) fn set_configs(&self, configs: impl IntoIterator<Item = (u16, PortConfig)>) {
        self.configs.lock().extend(configs);
        self.schedule.send_modify(|_| {});
    }

    /// Remembers a forwarded port. Gives the version of the saved data that holds it; 0 if nothing is saved.
    pub(crate) fn save(&self, saved: Saved) -> u64 {
        let store = self.store.lock().clone();
        store.map_or(0, |store| store.put([saved]))
    }

    /// Forgets ports that were removed.
    pub(crate) fn forget(&self, ports: impl IntoIterator<Item = u16>) {
        let store = self.store.lock().clone();
        if let Some(store) = store {
            store.forget(ports);
        }
    }

    /// Waits until a version of the saved data is on disk. What cannot be saved is a fault that is told: the
    /// ports work, but would not come back.
    pub(crate) async fn saved(&self, version: u64) {
        let store = self.store.lock().clone();
        if let (Some(store), 1..) = (store, version)
            && let Err(error) = store.saved(version).await
        {
            self.context
                .fault("forward:store", error.code(), &error.to_string());
        }
    }

    /// The range if it has been set or needed.
    pub(crate) fn set_range(&self) -> Option<Range> {
        self.range.lock().clone()
    }

    /// The range, the default one from first use on.
    pub(crate) fn range(&self) -> Range {
        let mut current = self.range.lock();
        if let Some(range) = &*current {
            return range.clone();
        }
        let range = current.insert(Range::default()).clone();
        drop(current);
        self.announce(&range);
        range
    }

    /// Puts another range in place of the one before. False if it is the same.
    pub(crate) fn replace_range(&self, range: &Range) -> bool {
        let mut current = self.range.lock();
        if current.as_ref() == Some(range) {
            return false;
        }
        *current = Some(range.clone());
        true
    }

    /// Tells of a change of the range.
    pub(crate) fn announce(&self, range: &Range) {
        self.publish_soon(events::setting_port_change(range));
    }

    /// Publishes from a call that must not wait: into the journal's reserve, and if even that is full, as soon
    /// as there is room.
    pub(crate) fn publish_soon(&self, event: loopwire_channel::Event) {
        if let Err(PublishError::Full) = self.context.journal.publish_now(&event) {
            let context = Arc::clone(&self.context);
            self.requests.spawn_on(
                async move {
                    let publishing = context.journal.publish(&event);
                    let _ = context.abandon.run_until_cancelled(publishing).await;
                },
                &self.context.handle,
            );
        }
    }
}
