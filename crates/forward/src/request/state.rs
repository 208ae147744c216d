//! The state that all parts of the engine share: ports, settings, provider and saved data, each behind its own lock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use futures_util::FutureExt as _;
use loopwire_channel::PublishError;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lane::Lane;
use super::schedule::Schedule;
use crate::health::Ending;
use crate::model::{Range, Refusal, events};
use crate::port::{Context, Liveness, Port};
use crate::provider::{PortConfig, Provider};
use crate::store::{Saved, Store};

/// The state that all parts of the engine share.
pub(crate) struct EngineState {
    pub(crate) context: Arc<Context>,
    /// One lane per port number that was ever used; a few bytes each, 65,535 at most.
    pub(crate) lanes: Mutex<BTreeMap<u16, Arc<Lane>>>,
    /// Held while a request queues its jobs in the lanes.
    pub(crate) queueing: Mutex<()>,
    /// `None` until it is set or first needed.
    range: Mutex<Option<Range>>,
    pub(crate) provider: Mutex<Option<Provider>>,
    /// Cancels the task that watches the previous provider.
    pub(crate) watching: Mutex<CancellationToken>,
    /// Set by `putConfigPort` and `setConfigPorts`.
    configs: Mutex<BTreeMap<u16, PortConfig>>,
    /// Timed rotation and renewal; every port's clock watches it.
    pub(crate) schedule: watch::Sender<Arc<Schedule>>,
    pub(crate) store: Mutex<Option<Store>>,
    /// Cancels the running restore: a new one, or another directory, replaces it.
    pub(crate) restoring: Mutex<CancellationToken>,
    /// How often `stopProxy` was called: a restore that began before does nothing more.
    pub(crate) stops: AtomicU64,
    /// Set by `setProtocol`.
    pub(crate) protocol: Mutex<u8>,
    pub(crate) liveness: Liveness,
    closed: AtomicBool,
    /// The running requests.
    pub(crate) requests: TaskTracker,
    /// Called for each opened port: starts the port's clock.
    pub(crate) opened: fn(&Arc<Self>, &Arc<Port>),
}

impl EngineState {
    /// `opened` is called for each opened port.
    pub(crate) fn new(context: Arc<Context>, opened: fn(&Arc<Self>, &Arc<Port>)) -> Self {
        Self {
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
            opened,
        }
    }

    /// No new request starts from here on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Relaxed);
    }

    pub(crate) fn lane(&self, port: u16) -> Arc<Lane> {
        Arc::clone(self.lanes.lock().entry(port).or_default())
    }

    /// The lane of a port number that was used before.
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

    /// Ends what is on a lane. The reason decides whether the port stays in the saved data.
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

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    pub(crate) fn provider(&self) -> Option<Provider> {
        self.provider.lock().clone()
    }

    /// A port's configuration, if it has one.
    pub(crate) fn config(&self, port: u16) -> Option<PortConfig> {
        self.configs.lock().get(&port).cloned()
    }

    /// Sets configurations; the ports' clocks follow them at once.
    pub(crate) fn set_configs(&self, configs: impl IntoIterator<Item = (u16, PortConfig)>) {
        self.configs.lock().extend(configs);
        self.schedule.send_modify(|_| {});
    }

    /// Saves a forwarded port. Returns the version of the saved data that holds it; 0 if nothing is saved.
    pub(crate) fn save(&self, saved: Saved) -> u64 {
        let store = self.store.lock().clone();
        store.map_or(0, |store| store.put([saved]))
    }

    /// Removes ports from the saved data.
    pub(crate) fn forget(&self, ports: impl IntoIterator<Item = u16>) {
        let store = self.store.lock().clone();
        if let Some(store) = store {
            store.forget(ports);
        }
    }

    /// Waits until a version of the saved data is on disk. Why a write failed is reported as a fault by the directory's
    /// own task; it is tried again until the disk has room.
    ///
    /// # Errors
    /// `not saved`.
    pub(crate) async fn saved(&self, version: u64) -> Result<(), Refusal> {
        let store = self.store.lock().clone();
        match (store, version) {
            (Some(store), 1..) => {
                let saved = store.saved(version).await;
                saved.map_err(|error| Refusal::of_save(error.cause()))
            }
            _ => Ok(()),
        }
    }

    /// The range if it has been set or needed.
    pub(crate) fn set_range(&self) -> Option<Range> {
        self.range.lock().clone()
    }

    /// The range; at first use the default one is set.
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

    /// Replaces the range. False if it is the same.
    pub(crate) fn replace_range(&self, range: &Range) -> bool {
        let mut current = self.range.lock();
        if current.as_ref() == Some(range) {
            return false;
        }
        *current = Some(range.clone());
        true
    }

    /// Publishes a change of the range.
    pub(crate) fn announce(&self, range: &Range) {
        self.publish_soon(events::setting_port_change(range));
    }

    /// Publishes from a call that must not wait: into the journal's reserve, or, if that is full too, as soon as
    /// there is room.
    pub(crate) fn publish_soon(&self, event: loopwire_channel::Event) {
        if let Err(PublishError::Full) = self.context.journal.publish_now(&event) {
            let context = Arc::clone(&self.context);
            self.requests.spawn_on(
                async move {
                    let publishing = context.journal.publish(&event);
                    let _ = context.abandon.run_until_cancelled(publishing).await;
                }
                .boxed(),
                &self.context.handle,
            );
        }
    }
}
