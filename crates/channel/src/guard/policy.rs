//! A policy: the rules by which the guard of one listener admits a request.
//!
//! The event channel and the local HTTP API use the same guard and differ only in these values.

use std::fmt;
use std::sync::Arc;

use http::Method;

use super::answer::RefusalForm;
use super::counters::Counters;
use super::credential::CredentialPolicy;
use super::host::Hosts;
use super::origin::Origins;
use super::token::TokenCell;

/// The routes of the channel that need no token: the health check, and the inspector's page with its files, which hold no
/// data and ask for the token. Every other route needs one. What is open to GET is open to HEAD.
pub const OPEN_ROUTES: &[(Method, &str)] = &[
    (Method::GET, "/health"),
    (Method::GET, "/inspect"),
    (Method::GET, "/inspect/inspector.css"),
    (Method::GET, "/inspect/inspector.js"),
    (Method::GET, "/inspect/terminal.js"),
];

/// Observes refused origins and panics.
///
/// Both methods are called in a connection's task and must not block.
pub trait Observer: Send + Sync {
    /// An origin was refused; the text is safe to be shown. `option` is the option of `startEventListener` that would
    /// admit it. Called each time: an attacker can invent any number of origins, so an observer that warns once per
    /// origin must bound what it remembers.
    fn refused_origin(&self, origin: &str, option: Option<&'static str>) {
        let _ = (origin, option);
    }

    /// A task panicked. Its connection is closed; everything else continues.
    fn panicked(&self, component: &'static str, message: &str) {
        let _ = (component, message);
    }
}

/// Does nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoopObserver;

impl Observer for NoopObserver {}

/// The rules of one listener.
#[derive(Clone)]
pub struct Policy {
    /// The names under which the listener may be addressed.
    pub hosts: Hosts,
    /// The web pages that may use it.
    pub origins: Origins,
    /// The scheme of pages that the listener serves itself: a page whose origin is this scheme and the request's Host may
    /// use it, whatever `origins` says, unless only a wildcard admits that Host. `None` if it serves none.
    pub own_pages: Option<&'static str>,
    /// The token that admits a client. `None` only for the HTTP API without a token.
    pub token: Option<Arc<TokenCell>>,
    /// Where in a request the token may be.
    pub credentials: CredentialPolicy,
    /// The routes that need no token, by method and exact path.
    pub open_routes: &'static [(Method, &'static str)],
    /// Whether a request without an Origin is also checked by its Referer and `Sec-Fetch-Site`. Needed where a GET
    /// changes something without a token in a header. The channel leaves it off: a link from another site to
    /// `/inspect` is legitimate, and nothing else works there without a token.
    pub same_site: bool,
    /// Whether the content type of a body, if there is one, must be JSON. HTML forms cannot send JSON.
    pub json_bodies: bool,
    /// Whether its listener has the options `allowedHosts`, `allowedOrigins` and `allowFileOrigin`, so that refusals may
    /// name them.
    pub has_options: bool,
    /// The form of its error responses; `None` for the channel's.
    pub form: Option<RefusalForm>,
    /// Told about refused origins and panics.
    pub observer: Arc<dyn Observer>,
    /// The counters of the listener.
    pub counters: Arc<Counters>,
}

impl Policy {
    /// The event channel: a token on every route but [`OPEN_ROUTES`].
    #[must_use]
    pub fn channel(hosts: Hosts, origins: Origins, token: Arc<TokenCell>) -> Self {
        Self {
            hosts,
            origins,
            own_pages: None,
            token: Some(token),
            credentials: CredentialPolicy::Channel,
            open_routes: OPEN_ROUTES,
            same_site: false,
            json_bodies: true,
            has_options: true,
            form: None,
            observer: Arc::new(NoopObserver),
            counters: Arc::default(),
        }
    }

    /// The local HTTP API: its GETs change things and its token is optional, so pages of other sites are refused by
    /// every header that a browser sends about them.
    #[must_use]
    pub fn local_api(hosts: Hosts, token: Option<Arc<TokenCell>>) -> Self {
        Self {
            hosts,
            origins: Origins::default(),
            own_pages: None,
            token,
            credentials: CredentialPolicy::Api,
            open_routes: &[],
            same_site: true,
            json_bodies: false,
            has_options: false,
            form: None,
            observer: Arc::new(NoopObserver),
            counters: Arc::default(),
        }
    }

    /// The same policy with this observer.
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
