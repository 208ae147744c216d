//! The engine: what the bindings call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use loopwire_channel::{Journal, PublishError};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::context::Context;
use crate::detail::Detail;
use crate::error::ForwardError;
use crate::events;
use crate::health::Ending;
use crate::lane::Lane;
use crate::liveness::Liveness;
use crate::provider::{Account, Provider};
use crate::range::Range;
use crate::request::Request;
use crate::settings::Settings;
use crate::snapshot;

/// How long shutting down waits for last events to find room in the journal. Sockets are closed long before;
/// only a callback that does not read can make this matter.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(1);

/// The forward engine of one runtime. Clones are handles to the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) context: Arc<Context>,
    /// One lane per port number ever used; a few bytes each, 65,535 at most.
    lanes: Mutex<BTreeMap<u16, Arc<Lane>>>,
    /// `None` until it is set or first needed.
    range: Mutex<Option<Range>>,
    provider: Mutex<Option<Provider>>,
    /// What goes with each request to a provider.
    account: Arc<Account>,
    pub(crate) liveness: Liveness,
    closed: AtomicBool,
    /// Requests under way.
    requests: TaskTracker,
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
        let account = Arc::new(Account::default());
        let log = Arc::clone(&context);
        account.set_log(move |text| log.log(|| text.to_owned()));
        Self(Arc::new(Inner {
            context,
            lanes: Mutex::default(),
            range: Mutex::default(),
            provider: Mutex::default(),
            account,
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

    /// Has `hook(component, message)` told whenever a part of the engine panicked.
    pub fn on_fault(&self, hook: impl Fn(&str, &str) + Send + Sync + 'static) {
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

    /// Takes the provider: a `file:///` URL of a JSON list of upstreams, or the `http(s)://` base of an API.
    ///
    /// # Errors
    /// [`ForwardError::ProviderScheme`], [`ForwardError::ProviderUrl`].
    pub fn set_api_host(&self, url: &str) -> Result<(), ForwardError> {
        let provider = Provider::new(url, Arc::clone(&self.0.account))?;
        *self.0.provider.lock() = Some(provider);
        Ok(())
    }

    /// The provider's URL; empty if none was set.
    #[must_use]
    pub fn api_host(&self) -> String {
        let provider = self.0.provider.lock();
        provider
            .as_ref()
            .map_or_else(String::new, |provider| provider.url().to_owned())
    }

    /// Changes settings at run time. What has begun goes on with the old ones.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.0.context.settings.send_modify(|settings| {
            change(Arc::make_mut(settings));
        });
    }

    /// The settings as they are.
    #[must_use]
    pub fn settings(&self) -> Settings {
        (*self.0.context.settings()).clone()
    }

    /// Forwards the proxy of that id on that port. The id is the request's id in events. The request is under way
    /// when this returns, whether or not the future is polled; requests for one port run in the order they
    /// were made.
    ///
    /// The future resolves after the event that ends the request has been published.
    ///
    /// # Errors
    /// [`ForwardError::Request`].
    pub fn create_with_id(
        &self,
        port: u16,
        proxy_id: &str,
        plan: &str,
        action_type: &str,
    ) -> impl Future<Output = Result<(), ForwardError>> + Send + use<> {
        let lane = self.0.lane(port);
        let request = Request::new(Arc::clone(&self.0), lane, port, proxy_id, plan, action_type);
        let handle = &self.0.context.handle;
        let running = self.0.requests.spawn_on(request.run(), handle);
        async move {
            // The task reports its own panics; only a runtime that has ended can break it off.
            let outcome = running.await.unwrap_or(Err(Detail::ShutDown));
            outcome.map_err(|detail| ForwardError::Request { port, detail })
        }
    }

    /// Stops forwarding on that port; its connections end. Posts and returns.
    pub fn remove_port(&self, port: u16) {
        let lane = self.0.lanes.lock().get(&port).cloned();
        if let Some(lane) = lane {
            self.0.clear(&lane, Ending::Ordered, "removed");
        }
    }

    /// Stops forwarding on all ports. Posts and returns.
    pub fn stop_proxy(&self) {
        for (_, lane) in self.0.all_lanes() {
            self.0.clear(&lane, Ending::Ordered, "stopped");
        }
    }

    /// The port's configuration as JSON text; `{}` if nothing is forwarded there.
    #[must_use]
    pub fn get_config_json(&self, port: u16) -> String {
        let lane = self.0.lanes.lock().get(&port).cloned();
        lane.and_then(|lane| lane.port())
            .map_or_else(|| "{}".to_owned(), |port| snapshot::json(&port))
    }

    /// Sets the address template and the range. Ports outside the new range are removed; those inside keep the
    /// address they listen on.
    ///
    /// # Errors
    /// [`ForwardError::IpFormat`], [`ForwardError::PortRange`], [`ForwardError::AddressNotLoopback`].
    pub fn update_ip_format_and_ports(
        &self,
        format: &str,
        start: u32,
        count: u32,
    ) -> Result<(), ForwardError> {
        let range = Range::new(format, start, count)?;
        {
            let mut current = self.0.range.lock();
            if current.as_ref() == Some(&range) {
                return Ok(());
            }
            *current = Some(range.clone());
        }
        self.0.announce(&range);
        for (number, lane) in self.0.all_lanes() {
            if !range.contains(number) {
                self.0.clear(
                    &lane,
                    Ending::Automatic,
                    &Detail::PortOutOfRange.to_string(),
                );
            }
        }
        Ok(())
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
        let lanes = self.0.all_lanes();
        for (_, lane) in &lanes {
            self.0.clear(lane, Ending::Ordered, "shut down");
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
    }
}

impl Inner {
    fn lane(&self, port: u16) -> Arc<Lane> {
        Arc::clone(self.lanes.lock().entry(port).or_default())
    }

    fn all_lanes(&self) -> Vec<(u16, Arc<Lane>)> {
        let lanes = self.lanes.lock();
        lanes
            .iter()
            .map(|(port, lane)| (*port, Arc::clone(lane)))
            .collect()
    }

    fn clear(&self, lane: &Lane, ending: Ending, reason: &str) {
        if lane.clear(ending, reason) {
            self.liveness.fewer();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    pub(crate) fn provider(&self) -> Option<Provider> {
        self.provider.lock().clone()
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

    /// Publishes a change of the range from a call that must not wait: into the journal's reserve, and if
    /// even that is full, as soon as there is room.
    fn announce(&self, range: &Range) {
        let event = events::setting_port_change(range);
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
