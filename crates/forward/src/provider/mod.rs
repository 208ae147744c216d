//! STAND-IN until the provider branch lands.
use std::sync::Arc;
use serde::{Deserialize, Serialize};
use crate::detail::Detail;
use crate::error::ForwardError;
use crate::list::List;
use crate::upstream::{Place, Upstream};

#[derive(Clone, Debug)]
pub(crate) struct Provider(List);
impl Provider {
    pub(crate) fn new(url: &str, _account: Arc<Account>) -> Result<Self, ForwardError> { Ok(Self(List::new(url)?)) }
    pub(crate) fn url(&self) -> &str { self.0.url() }
    pub(crate) async fn find(&self, id: &str, _plan: &str, _action: &str) -> Result<Upstream, Detail> { self.0.find(id).await }
    pub(crate) async fn pick(&self, _filter: &Filter, _limit: usize) -> Result<Vec<Upstream>, Detail> { Err(Detail::NoPortAvailable) }
    pub(crate) async fn changed(&mut self) { std::future::pending().await }
}
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Filter { pub plan: String, pub country: Vec<String>, pub state: String, pub city: String, pub zip: String, pub isp: String, pub today: bool }
impl Filter {
    pub(crate) fn matches(&self, _place: &Place) -> bool { true }
    pub(crate) fn from_json(_text: &str) -> Result<(Self, String), ForwardError> { Ok((Self::default(), "manual".into())) }
}
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PortConfig { pub filter: Filter, pub refresh: Option<bool>, pub rotation: Option<bool> }
impl PortConfig {
    pub(crate) fn from_json(_text: &str) -> Result<Self, ForwardError> { Ok(Self::default()) }
    pub(crate) fn map_from_json(_text: &str) -> Result<std::collections::BTreeMap<u16, Self>, ForwardError> { Ok(Default::default()) }
}
#[derive(Debug, Default)]
pub(crate) struct Account(parking_lot::Mutex<String>);
impl Account {
    pub(crate) fn set_header(&self, _name: &str, _value: &str) -> Result<(), ForwardError> { Ok(()) }
    pub(crate) fn set_query(&self, _name: &str, _value: &str) {}
    pub(crate) fn set_country(&self, code: &str) { code.clone_into(&mut self.0.lock()); }
    pub(crate) fn country(&self) -> String { self.0.lock().clone() }
    pub(crate) fn close_token_chan(&self) {}
}
