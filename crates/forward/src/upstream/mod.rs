//! An upstream proxy: address, credentials, certificates, and the settings for its use.

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
