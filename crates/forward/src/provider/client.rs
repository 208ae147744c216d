//! One GET to an API, and its bounds: time, size, no redirect followed, no proxy of the environment used.

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
use crate::model::Detail;

/// For TCP to the API, name resolution included. Ten seconds: two lost SYNs.
const CONNECT: Duration = Duration::from_secs(10);

/// For a whole request, from the name to the last byte. Twenty seconds: an API that looks for a proxy takes its time,
/// and the person who waits for the port has another attempt.
const REQUEST: Duration = Duration::from_secs(20);

/// The largest answer. Four MiB: ten thousand entries, and a bound on what an API gone wild puts into memory.
const MAX_ANSWER: usize = 4 << 20;

/// The largest refusal that is read for its message.
const MAX_REFUSAL: usize = 64 << 10;

/// Who asks.
const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("loopwire/", env!("CARGO_PKG_VERSION")));

/// What an API said.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Empty if a refusal's could not be read.
    pub(super) body: Bytes,
}

type Roots = Arc<dyn Fn() -> RootCertStore + Send + Sync>;
type Connections = Pool<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// Asks one API. Clones share what was made for the first request.
#[derive(Clone)]
pub(super) struct Client {
    /// The authorities come from files, so they are read when they are first needed.
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
    /// A client that trusts these authorities. They are asked for at the first request.
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

    /// Asks, with the account's headers. No answer at all, for whatever reason, is `Unknown`; one that is none of HTTP is unreadable.
    pub(super) async fn get(&self, uri: Uri) -> Result<Answer, Detail> {
        let mut request = Request::get(uri)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .body(Empty::new())
            .map_err(|_| Detail::Unknown)?;
        request.headers_mut().extend(self.account.headers());
        match tokio::time::timeout(self.deadline, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => {
                let text = format!("provider: no answer within {:?}", self.deadline);
                self.account.log(&text);
                Err(Detail::Unknown)
            }
        }
    }

    async fn exchange(&self, request: Request<Empty<Bytes>>) -> Result<Answer, Detail> {
        let connections = self
            .connections
            .get_or_try_init(|| connections(Arc::clone(&self.roots)))
            .await?;
        let answering = connections.request(request);
        let response = answering.await.map_err(|error| self.unanswered(&error))?;
        let (parts, body) = response.into_parts();
        let body = if parts.status.is_success() {
            let body = Limited::new(body, MAX_ANSWER).collect().await;
            body.map_err(|error| self.cut_off(&*error))?.to_bytes()
        } else if parts.status.is_redirection() {
            // A redirect is not followed: it would carry the key to whom it names.
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
    fn unanswered(&self, error: &Error) -> Detail {
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
        if is_http {
            Detail::Unknown
        } else {
            Detail::ProviderUnreadable
        }
    }

    /// Why an answer has no end.
    fn cut_off(&self, error: &(dyn std::error::Error + 'static)) -> Detail {
        self.account.log(&format!("provider: {error}"));
        if error.is::<LengthLimitError>() {
            Detail::ProviderUnreadable
        } else {
            Detail::Unknown
        }
    }
}

/// Connections are not kept: requests are seldom, and an engine that was shut down must have no socket left.
async fn connections(roots: Roots) -> Result<Connections, Detail> {
    let roots = tokio::task::spawn_blocking(move || roots())
        .await
        .map_err(|_| Detail::Unknown)?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|_| Detail::Unknown)?
        .with_root_certificates(roots)
        .with_no_client_auth();
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
