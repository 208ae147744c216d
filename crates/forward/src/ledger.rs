//! STAND-IN until the health branch lands.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use parking_lot::Mutex;
use crate::counters::{Connections, Counters};
use crate::upstream::Upstream;
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<HashMap<String, Arc<Record>>>);
#[derive(Debug, Default)]
pub(crate) struct Record { pub(crate) id: String, pub(crate) name: String, pub(crate) counters: Arc<Counters>, pub(crate) connections: Arc<Connections>, users: AtomicUsize }
#[derive(Debug)]
pub(crate) struct Claim(Arc<Record>);
impl Drop for Claim { fn drop(&mut self) { self.0.users.fetch_sub(1, Relaxed); } }
impl Ledger {
    pub(crate) fn record(&self, upstream: &Upstream) -> Arc<Record> {
        let key = format!("{}|{upstream}", upstream.id);
        Arc::clone(self.0.lock().entry(key).or_insert_with(|| Arc::new(Record { id: upstream.id.clone(), name: upstream.to_string(), ..Record::default() })))
    }
    pub(crate) fn records(&self) -> Vec<Arc<Record>> { self.0.lock().values().cloned().collect() }
}
impl Record {
    pub(crate) fn claim(self: &Arc<Self>) -> Claim { self.users.fetch_add(1, Relaxed); Claim(Arc::clone(self)) }
    pub(crate) fn users(&self) -> usize { self.users.load(Relaxed) }
    pub(crate) fn is_cooling(&self) -> bool { false }
}
