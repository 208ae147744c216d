//! STAND-IN until the store branch lands.
use std::path::Path;
use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Saved { pub port: u16, pub proxy_id: String, pub plan: String, pub action_type: String, pub filter: Option<serde_json::Value>, pub upstream: Option<serde_json::Value>, pub options: Option<serde_json::Value> }
#[derive(Clone, Debug, thiserror::Error)]
#[error("store")]
pub(crate) struct StoreError;
#[derive(Clone)]
pub(crate) struct Store(std::sync::Arc<parking_lot::Mutex<std::collections::BTreeMap<u16, Saved>>>);
impl Store {
    pub(crate) fn open(_dir: &Path, _handle: &tokio::runtime::Handle) -> Result<Self, StoreError> { Ok(Self(Default::default())) }
    pub(crate) fn put(&self, entries: impl IntoIterator<Item = Saved>) -> u64 { let mut all = self.0.lock(); for one in entries { all.insert(one.port, one); } 0 }
    pub(crate) fn forget(&self, ports: impl IntoIterator<Item = u16>) -> u64 { let mut all = self.0.lock(); for one in ports { all.remove(&one); } 0 }
    pub(crate) fn clear(&self) -> u64 { self.0.lock().clear(); 0 }
    pub(crate) fn all(&self) -> Vec<Saved> { self.0.lock().values().cloned().collect() }
    pub(crate) async fn saved(&self, _version: u64) -> Result<(), StoreError> { Ok(()) }
    pub(crate) async fn close(&self) {}
    pub(crate) fn is_at(&self, _dir: &Path) -> bool { false }
    pub(crate) fn notice(&self) -> Option<String> { None }
}
