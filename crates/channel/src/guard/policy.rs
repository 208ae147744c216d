//! A policy: what one listener's guard asks of a visitor, as data.
//!
//! The event channel and the local HTTP API differ in nothing but the values here, so there is one
//! guard to get right.

use std::fmt;
use std::sync::Arc;

use http::Method;

use super::counters::Counters;
use super::credential::CredentialPolicy;
use super::host::Hosts;
use super::origin::Origins;
use super::token::TokenCell;

/// The routes of the channel that need no token: whether it lives, and the page that asks for the
/// token. A route is token-free by being in this list and in no other way.
pub const OPEN_ROUTES: &[(Method, &str)] = &[(Method::GET, "/health"), (Method::GET, "/inspect")];

/// Hears what the guard and the accept loop cannot answer to anybody.
///
/// Both methods are called from a connection's task and must not block.
pub trait Observer: Send + Sync {
    /// An origin was refused; the text is fit to be shown. `option` is the option of
    /// `startEventListener` that would admit it. Called each time: a stranger can invent any number of
    /// origins, so whoever warns once per origin has to bound what it remembers.
    fn refused_origin(&self, origin: &str, option: Option<&'static str>) {
        let _ = (origin, option);
    }

    /// A task panicked; its connection is closed, everything else goes on.
    fn panicked(&self, component: &'static str, message: &str) {
        let _ = (component, message);
    }
}

/// Hears nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoopObserver;

impl Observer for NoopObserver {}

/// The rules of one listener.
#[derive(Clone)]
pub struct Policy {
    /// Under which names the listener may be addressed.
    pub hosts: Hosts,
    /// Which web pages may talk to it.
    pub origins: Origins,
    /// What admits a client. `None` only for the published API without a token.
    pub token: Option<Arc<TokenCell>>,
    /// Where a request may show its token.
    pub credentials: CredentialPolicy,
    /// The routes that need no token, by method and exact path.
    pub open_routes: &'static [(Method, &'static str)],
    /// Whether a request that carries no Origin is judged by Referer and `Sec-Fetch-Site` too. Of use
    /// where a GET changes something without a token in a header. The channel leaves it off: a link
    /// from another site to `/inspect` is legitimate, and nothing else there works without a token.
    pub same_site: bool,
    /// Whether a body has to call itself JSON, if it calls itself anything. Forms cannot.
    pub json_bodies: bool,
    /// Told about refused origins and panics.
    pub observer: Arc<dyn Observer>,
    /// What the listener has counted.
    pub counters: Arc<Counters>,
}

impl Policy {
    /// The event channel: a token on every route but [`OPEN_ROUTES`].
    #[must_use]
    pub fn channel(hosts: Hosts, origins: Origins, token: Arc<TokenCell>) -> Self {
        Self {
            hosts,
            origins,
            token: Some(token),
            credentials: CredentialPolicy::Channel,
            open_routes: OPEN_ROUTES,
            same_site: false,
            json_bodies: true,
            observer: Arc::new(NoopObserver),
            counters: Arc::default(),
        }
    }

    /// The local HTTP API: its GETs change things and its token is optional, so pages of other sites
    /// are kept out by everything a browser tells about them.
    #[must_use]
    pub fn local_api(hosts: Hosts, token: Option<Arc<TokenCell>>) -> Self {
        Self {
            hosts,
            origins: Origins::default(),
            token,
            credentials: CredentialPolicy::Api,
            open_routes: &[],
            same_site: true,
            json_bodies: false,
            observer: Arc::new(NoopObserver),
            counters: Arc::default(),
        }
    }

    /// The same policy with somebody who listens.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Policy")
            .field("hosts", &self.hosts)
            .field("origins", &self.origins)
            .field("token", &self.token)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
