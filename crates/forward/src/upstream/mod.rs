//! An upstream proxy: its address, its credentials, its certificates, and how long it may take.

mod credentials;
mod entry;
mod protocol;
mod proxy;
mod settings;
mod trust;
mod url;

pub(crate) use credentials::Credentials;
pub(crate) use entry::Entry;
pub(crate) use protocol::Protocol;
pub(crate) use proxy::{Location, Upstream};
pub use settings::Settings;
pub(crate) use trust::Authority;
pub use trust::Trust;
