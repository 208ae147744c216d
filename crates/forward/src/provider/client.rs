//! One GET to an API, and its limits: time, size, no redirects, no proxy from the environment.

use std::error::Error as _;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Pool, Error};
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use super::account::Account;
use crate::model::{Detail, Refusal, Target};

/// For TCP to the API, including name resolution. Ten seconds: two lost SYNs.
const CONNECT: Duration = Duration::from_secs(10);

/// For a whole request, from name resolution to the last byte. Twenty seconds: an API takes its time to find a proxy,
/// and the request can be repeated.
const REQUEST: Duration = Duration::from_secs(20);

/// The largest answer. 4 MiB: ten thousand entries, and a limit on memory.
const MAX_ANSWER: usize = 4 << 20;

/// The largest error answer that is read for its message.
const MAX_REFUSAL: usize = 64 << 10;

/// The user agent.
const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("loopwire/", env!("CARGO_PKG_VERSION")));

/// An API's answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Empty if the body of an error answer could not be read.
    pub(super) body: Bytes,
}

type Roots = Arc<dyn Fn() -> RootCertStore + Send + Sync>;
type Connections = Pool<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// A client of one API. Clones share what the first request made.
#[derive(Clone)]
pub(super) struct Client {
    /// The certificates come from files, so they are read when first needed.
    roots: Roots,
    connections: Arc<OnceCell<Connections>>,
    deadline: Duration,
    account: Arc<Account>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// A client that trusts these certificates. They are read at the first request.
    pub(super) fn new(
        account: Arc<Account>,
        roots: impl Fn() -> RootCertStore + Send + Sync + 'static,
    ) -> Self {
        Self {
            roots: Arc::new(roots),
            connections: Arc::default(),
            deadline: REQUEST,
            account,
        }
    }

    #[cfg(test)]
    pub(super) fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Sends a request with the account's headers. No answer, for whatever reason, is `Unknown`; an answer that is
    /// not HTTP is unreadable.
    pub(super) async fn get(&self, uri: Uri) -> Result<Answer, Refusal> {
        let address = target(&uri);
        let mut request = Request::get(uri)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .body(Empty::new())
            .map_err(|_| Detail::Unknown)?;
        request.headers_mut().extend(self.account.headers());
        let exchange = self.exchange(request, address.as_ref());
        match tokio::time::timeout(self.deadline, exchange).await {
            Ok(answer) => answer,
            Err(_) => {
                let text = format!("provider: no answer within {:?}", self.deadline);
                self.account.log(&text);
                Err(Refusal::late(Detail::Unknown, address.as_ref()))
            }
        }
    }

    async fn exchange(
        &self,
        request: Request<Empty<Bytes>>,
        address: Option<&Target>,
    ) -> Result<Answer, Refusal> {
        let connections = self
            .connections
            .get_or_try_init(|| connections(Arc::clone(&self.roots)))
            .await?;
        let answering = connections.request(request);
        let response = answering
            .await
            .map_err(|error| self.unanswered(&error, address))?;
        let (parts, body) = response.into_parts();
        let body = if parts.status.is_success() {
            let body = Limited::new(body, MAX_ANSWER).collect().await;
            body.map_err(|error| self.cut_off(&*error))?.to_bytes()
        } else if parts.status.is_redirection() {
            // Redirects are not followed: they would send the key to another host.
            Bytes::new()
        } else {
            let body = Limited::new(body, MAX_REFUSAL).collect().await;
            body.map_or_else(|_| Bytes::new(), |body| body.to_bytes())
        };
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    /// Why there is no answer. The text of these errors names hosts, never a path or a query.
    fn unanswered(&self, error: &Error, address: Option<&Target>) -> Refusal {
        let mut text = format!("provider: {error}");
        let mut is_http = true;
        let mut source = error.source();
        while let Some(inner) = source {
            let _ = write!(text, ": {inner}");
            let hyper = inner.downcast_ref::<hyper::Error>();
            is_http &= !hyper.is_some_and(hyper::Error::is_parse);
            source = inner.source();
        }
        self.account.log(&text);
        let detail = match is_http {
            true => Detail::Unknown,
            false => Detail::ProviderUnreadable,
        };
        Refusal::of_library(detail, error, address)
    }

    /// Why an answer ended early.
    fn cut_off(&self, error: &(dyn std::error::Error + 'static)) -> Detail {
        self.account.log(&format!("provider: {error}"));
        if error.is::<LengthLimitError>() {
            Detail::ProviderUnreadable
        } else {
            Detail::Unknown
        }
    }
}

/// Where the API is.
fn target(uri: &Uri) -> Option<Target> {
    let port = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    Target::parse(uri.authority()?.as_str(), Some(port))
}

/// Connections are not kept: requests are rare, and an engine that was shut down must have no open socket.
async fn connections(roots: Roots) -> Result<Connections, Detail> {
    let roots = tokio::task::spawn_blocking(move || roots())
        .await
        .map_err(|_| Detail::Unknown)?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(Arc::clone(&ring))
        .with_safe_default_protocol_versions()
        .map_err(|_| Detail::Unknown)?;
    #[cfg(not(windows))]
    let tls = tls.with_root_certificates(roots);
    // Windows trusts more than it lists.
    #[cfg(windows)]
    let tls = {
        use loopwire_trust::{Authorities, Roots, Verifier};

        let common = Roots::of_system(roots, &ring).map_err(|_| Detail::Unknown)?;
        let trusted = Authorities {
            common,
            own: Roots::default(),
            pinned: Vec::new(),
        };
        let provider = Arc::clone(&ring);
        // rustls calls every custom verifier dangerous; this one does verify.
        tls.dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier { trusted, provider }))
    };
    let tls = tls.with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Ok(Pool::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector))
}
