//! Calls about the provider: its URL, and what is sent with each request to it.

use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::handle::Engine;
use crate::model::ForwardError;
use crate::provider::Provider;
use crate::request::watch_edits;

impl Engine {
    /// Sets the provider: the `file:///` URL of a JSON list of upstreams, or the `http(s)://` base URL of an API.
    ///
    /// # Errors
    /// [`ForwardError::ProviderScheme`], [`ForwardError::ProviderUrl`].
    pub fn set_api_host(&self, url: &str) -> Result<(), ForwardError> {
        let provider = Provider::new(url, Arc::clone(&self.0.context.account))?;
        *self.0.provider.lock() = Some(provider.clone());
        let watching = CancellationToken::new();
        std::mem::replace(&mut *self.0.watching.lock(), watching.clone()).cancel();
        let watch = watch_edits(Arc::downgrade(&self.0), provider);
        let watch = async move {
            let _ = watching.run_until_cancelled(watch).await;
        };
        self.0
            .requests
            .spawn_on(watch.boxed(), &self.0.context.handle);
        Ok(())
    }

    /// The provider's URL as it was set; empty if none was.
    #[must_use]
    pub fn api_host(&self) -> String {
        let provider = self.0.provider.lock();
        provider
            .as_ref()
            .map_or_else(String::new, |provider| provider.url().to_owned())
    }

    /// Sets a header of each request to the provider.
    ///
    /// # Errors
    /// [`ForwardError::Header`] if it is not a valid header.
    pub fn set_header(&self, name: &str, value: &str) -> Result<(), ForwardError> {
        self.0.context.account.set_header(name, value)
    }

    /// Sets a query parameter of each request to the provider.
    ///
    /// # Errors
    /// [`ForwardError::Query`] for one that is too long or has no name.
    pub fn set_query(&self, name: &str, value: &str) -> Result<(), ForwardError> {
        self.0.context.account.set_query(name, value)
    }

    /// Sets the user's country: it is sent with each request to the provider, and shown in configurations.
    pub fn set_user_country_code(&self, code: &str) {
        self.0.context.account.set_country(code);
    }

    /// Ends the waiting of requests that the provider has answered with 401.
    pub fn close_token_chan(&self) {
        self.0.context.account.close_token_chan();
    }
}
