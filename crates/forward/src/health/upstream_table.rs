//! What is known of upstreams, across ports and over their changes: one record each.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::outage::Outage;
use super::upstream_health::Record;
use crate::model::Target;
use crate::upstream::{Authority, Credentials, Protocol, Upstream};

/// How many upstreams are remembered that no port uses. Sixteen thousand: more than a provider's pool shows in
/// a day, a few megabytes. Those in use come on top; there are no more of them than ports.
const MAX_RECORDS: usize = 16_384;

/// Tidying makes room for this part of the records at once, so that it is not repeated for each new one.
const PART: usize = 8;

/// All records of one engine.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    records: Mutex<Records>,
    outage: Arc<Outage>,
}

#[derive(Debug)]
struct Records {
    all: HashMap<Key, Arc<Record>>,
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

impl Default for Records {
    fn default() -> Self {
        Self {
            all: HashMap::new(),
            limit: MAX_RECORDS,
        }
    }
}

impl Ledger {
    /// The upstream's record; the same one for as long as anybody holds it.
    pub(crate) fn record(&self, upstream: &Upstream) -> Arc<Record> {
        let key = Key {
            id: upstream.id.clone(),
            protocol: upstream.protocol,
            address: upstream.address.clone(),
            credentials: upstream.credentials.clone(),
            ca: upstream.ca.clone(),
        };
        let mut records = self.records.lock();
        if let Some(record) = records.all.get(&key) {
            return Arc::clone(record);
        }
        if records.all.len() >= records.limit {
            records.tidy();
        }
        let record = Arc::new(Record::new(upstream.clone(), Arc::clone(&self.outage)));
        records.all.insert(key, Arc::clone(&record));
        record
    }

    /// All of them, in no order.
    pub(crate) fn records(&self) -> Vec<Arc<Record>> {
        self.records.lock().all.values().cloned().collect()
    }
}

impl Records {
    /// Drops a part of the records that nobody holds, those that know nothing bad before those that do.
    fn tidy(&mut self) {
        let enough = MAX_RECORDS - MAX_RECORDS / PART;
        for clean in [true, false] {
            let mut surplus = self.all.len().saturating_sub(enough);
            self.all.retain(|_, record| {
                let goes =
                    surplus > 0 && Arc::strong_count(record) == 1 && (!clean || record.is_clean());
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
