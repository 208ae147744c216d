//! What only the local API needs from the engine: any free ports for a filter, and the provider's list.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;

use super::answer::Listed;
use super::error::ApiError;
use crate::engine::Engine;
use crate::model::{Detail, ForwardError};
use crate::provider::{DEFAULT_ACTION, DEFAULT_PLAN, Filter};
use crate::request::JobKind;
use crate::upstream::Upstream;

/// Which local ports to forward.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Any free ports, from this one on.
    Free { from: u16, num: usize },
    /// These ports, forwarded already or not.
    These(Vec<u16>),
}

/// Picks ports for one server's requests.
#[derive(Debug, Default)]
pub(super) struct Picks {
    /// Free ports that running requests have reserved: two of them must not pick the same.
    chosen: Mutex<BTreeSet<u16>>,
    /// How many requests there were; used for their ids in events.
    made: AtomicU64,
}

impl Picks {
    /// Forwards ports with a filter; returns their addresses.
    pub(super) async fn take(
        &self,
        engine: &Engine,
        choice: Choice,
        mut filter: Filter,
    ) -> Result<Vec<SocketAddr>, ApiError> {
        let (chosen, kind) = match choice {
            Choice::These(ports) => (ReservedPorts::unclaimed(self, ports), JobKind::Create),
            Choice::Free { from, num } => (
                ReservedPorts::free(self, engine, from, num),
                JobKind::CreateFree,
            ),
        };
        if filter.plan.is_empty() {
            DEFAULT_PLAN.clone_into(&mut filter.plan);
        }
        let plan = filter.plan.clone();
        let wanted = chosen.ports.iter();
        let wanted = wanted.map(|&port| (port, Some(filter.clone()))).collect();
        let id = format!("http-api-{}", self.made.fetch_add(1, Relaxed) + 1);
        if chosen.ports.is_empty() {
            return Err(ApiError::no_free_port());
        }
        let taken = engine.batch(&id, &plan, DEFAULT_ACTION, wanted, kind).await;
        let taken = taken.map_err(|error| match error {
            ForwardError::Request { detail, .. } => ApiError::from(detail),
            _ => ApiError::from(Detail::Unknown),
        })?;
        if taken.is_empty() {
            // All were free a moment ago.
            return Err(ApiError::no_free_port());
        }
        let range = engine.0.range();
        let address = |port: u16| {
            let info = engine.port_info(port);
            info.map_or_else(|| range.address(port), |info| info.address)
        };
        Ok(taken.into_iter().map(address).collect())
    }
}

/// The provider's list.
pub(super) async fn listed(
    engine: &Engine,
    limit: usize,
    today: bool,
) -> Result<Vec<Listed>, ApiError> {
    let provider = engine.0.provider().ok_or(Detail::NoProvider)?;
    let filter = Filter {
        plan: DEFAULT_PLAN.to_owned(),
        today,
        ..Filter::default()
    };
    let found = provider.pick(&filter, limit).await;
    let found = match found.map_err(|refusal| refusal.detail) {
        Err(Detail::NoPortAvailable) => Vec::new(),
        found => found?,
    };
    let listed = |upstream: Upstream| Listed {
        id: upstream.id,
        country_code: upstream.location.country_code,
        city: upstream.location.city,
        state: upstream.location.state,
        isp: upstream.location.isp,
    };
    Ok(found.into_iter().map(listed).take(limit).collect())
}

/// Ports that one request has reserved; released when it ends or is dropped.
struct ReservedPorts<'a> {
    picks: &'a Picks,
    ports: Vec<u16>,
    claimed: bool,
}

impl<'a> ReservedPorts<'a> {
    fn unclaimed(picks: &'a Picks, ports: Vec<u16>) -> Self {
        Self {
            picks,
            ports,
            claimed: false,
        }
    }

    fn free(picks: &'a Picks, engine: &Engine, from: u16, num: usize) -> Self {
        let range = engine.0.range();
        let mut chosen = picks.chosen.lock();
        let free = |port: &u16| !chosen.contains(port) && engine.0.is_free(&range, *port);
        let ports: Vec<u16> = range
            .ports()
            .skip_while(|port| *port < from)
            .filter(free)
            .take(num)
            .collect();
        chosen.extend(&ports);
        Self {
            picks,
            ports,
            claimed: true,
        }
    }
}

impl Drop for ReservedPorts<'_> {
    fn drop(&mut self) {
        if self.claimed {
            let mut chosen = self.picks.chosen.lock();
            self.ports.iter().for_each(|port| {
                chosen.remove(port);
            });
        }
    }
}
