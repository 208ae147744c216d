//! The upstream table: the health of every known upstream, whatever ports use it.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::outage::Outage;
use super::upstream_health::UpstreamHealth;
use crate::model::Target;
use crate::upstream::{Authority, Credentials, Protocol, Upstream};

/// How many upstreams without a port are kept. 16,384: more than a provider's pool shows in a day, and a few
/// megabytes. Those in use come on top; there are no more of them than ports.
const MAX_RECORDS: usize = 16_384;

/// Eviction frees this part of the entries at once, so that it does not run again for each new entry.
const PART: usize = 8;

/// The upstreams of one engine.
#[derive(Debug, Default)]
pub(crate) struct UpstreamTable {
    known: Mutex<KnownUpstreams>,
    outage: Arc<Outage>,
}

#[derive(Debug)]
struct KnownUpstreams {
    all: HashMap<Key, Arc<UpstreamHealth>>,
    /// How many entries there may be before the next eviction.
    limit: usize,
}

/// The key of an upstream. Other credentials may mean another exit and another account, so they are part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    id: String,
    protocol: Protocol,
    address: Option<Target>,
    credentials: Option<Credentials>,
    ca: Option<Arc<Authority>>,
}

impl Default for KnownUpstreams {
    fn default() -> Self {
        Self {
            all: HashMap::new(),
            limit: MAX_RECORDS,
        }
    }
}

impl UpstreamTable {
    /// The upstream's health; every caller gets the same one while any of them keeps it.
    pub(crate) fn health(&self, upstream: &Upstream) -> Arc<UpstreamHealth> {
        let key = Key {
            id: upstream.id.clone(),
            protocol: upstream.protocol,
            address: upstream.address.clone(),
            credentials: upstream.credentials.clone(),
            ca: upstream.ca.clone(),
        };
        let mut known = self.known.lock();
        if let Some(health) = known.all.get(&key) {
            return Arc::clone(health);
        }
        if known.all.len() >= known.limit {
            known.evict();
        }
        let health = Arc::new(UpstreamHealth::new(
            upstream.clone(),
            Arc::clone(&self.outage),
        ));
        known.all.insert(key, Arc::clone(&health));
        health
    }

    /// All of them, in no particular order.
    pub(crate) fn all(&self) -> Vec<Arc<UpstreamHealth>> {
        self.known.lock().all.values().cloned().collect()
    }
}

impl KnownUpstreams {
    /// Evicts a part of the entries that nothing uses, first those without failures.
    fn evict(&mut self) {
        let enough = MAX_RECORDS - MAX_RECORDS / PART;
        for clean in [true, false] {
            let mut surplus = self.all.len().saturating_sub(enough);
            self.all.retain(|_, health| {
                let goes =
                    surplus > 0 && Arc::strong_count(health) == 1 && (!clean || health.is_clean());
                surplus -= usize::from(goes);
                !goes
            });
        }
        // All remaining entries may be in use.
        self.limit = MAX_RECORDS.max(self.all.len() + MAX_RECORDS / PART);
    }
}

#[cfg(test)]
#[path = "upstream_table_test.rs"]
mod tests;
