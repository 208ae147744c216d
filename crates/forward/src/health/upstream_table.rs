//! What is known of upstreams, across ports and over their changes: one record each.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::outage::Outage;
use super::upstream_health::UpstreamHealth;
use crate::model::Target;
use crate::upstream::{Authority, Credentials, Protocol, Upstream};

/// How many upstreams are remembered that no port uses. Sixteen thousand: more than a provider's pool shows in
/// a day, a few megabytes. Those in use come on top; there are no more of them than ports.
const MAX_RECORDS: usize = 16_384;

/// Tidying makes room for this part of the records at once, so that it is not repeated for each new one.
const PART: usize = 8;

/// All records of one engine.
#[derive(Debug, Default)]
pub(crate) struct UpstreamTable {
    known: Mutex<KnownUpstreams>,
    outage: Arc<Outage>,
}

#[derive(Debug)]
struct KnownUpstreams {
    all: HashMap<Key, Arc<UpstreamHealth>>,
    /// How many there may be before they are tidied.
    limit: usize,
}

/// What makes two upstreams the same. With other credentials it may be another exit, another account, another
/// answer.
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
    /// The upstream's record; the same one for as long as anybody holds it.
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

    /// All of them, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<UpstreamHealth>> {
        self.known.lock().all.values().cloned().collect()
    }
}

impl KnownUpstreams {
    /// Drops a part of the records that nobody holds, those that know nothing bad before those that do.
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
        // All the rest may be in use.
        self.limit = MAX_RECORDS.max(self.all.len() + MAX_RECORDS / PART);
    }
}

#[cfg(test)]
#[path = "upstream_table_test.rs"]
mod tests;
