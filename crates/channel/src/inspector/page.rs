//! The routes of the page. Its files hold no data, so they need no token; what they show comes over the routes that
//! need it.

use axum::body::{Body, Bytes};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use super::asset::Asset;
use super::encoding::takes_gzip;
use crate::guard::{RefusedPage, answer, has_token};

type Refused = Option<Extension<RefusedPage>>;

static HTML: Asset = Asset::new(
    "text/html; charset=utf-8",
    include_bytes!("../../assets/inspector/inspector.html.gz"),
);
static SCRIPT: Asset = Asset::new(
    "text/javascript; charset=utf-8",
    include_bytes!("../../assets/inspector/inspector.js.gz"),
);
/// What shows a terminal. The page loads it when it shows the first one.
static TERMINAL: Asset = Asset::new(
    "text/javascript; charset=utf-8",
    include_bytes!("../../assets/inspector/terminal.js.gz"),
);
static STYLE: Asset = Asset::new(
    "text/css; charset=utf-8",
    include_bytes!("../../assets/inspector/inspector.css.gz"),
);

/// What the page may load. Nothing inline and nothing of other hosts, so that no text of an event can become a script;
/// no frame around it; and no form, because the token must not be sent by one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; connect-src 'self'";

/// Headers beside those of every response: no other page has a reference to its window, and none loads its files.
const ISOLATION: [(HeaderName, &str); 2] = [
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// A page that answered would teach to write the token where it stands in logs and in the history.
const IN_QUERY: &str = "the page takes no token from the query, which stands in logs and in the history; enter it in the page, \
                        or write /inspect#token=… with the token behind the #";

/// The page and its files, for a listener with or without TLS.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(tls: bool) -> Router<S> {
    let scheme = if tls { "wss" } else { "ws" };
    Router::new()
        .route("/inspect", serve(&HTML, scheme))
        .route("/inspect/inspector.js", serve(&SCRIPT, scheme))
        .route("/inspect/inspector.css", serve(&STYLE, scheme))
        .route("/inspect/terminal.js", serve(&TERMINAL, scheme))
}

fn serve<S: Clone + Send + Sync + 'static>(
    asset: &'static Asset,
    scheme: &'static str,
) -> MethodRouter<S> {
    let page = async move |refused: Refused, uri: Uri, headers: HeaderMap| match refused {
        Some(Extension(RefusedPage(origin))) => refuse(&origin),
        None if has_token(uri.query()) => answer::bad_request(IN_QUERY),
        None => response(asset, scheme, &headers),
    };
    get(page).fallback(async || answer::method_not_allowed("GET, HEAD"))
}

/// A page that could not connect is not served: it could not say why.
fn refuse(origin: &str) -> Response {
    let error = format!(
        "a page of {origin} may not connect, because only a wildcard of allowedHosts or of the certificate admits its name; list the \
         name in allowedHosts, or {origin} in allowedOrigins"
    );
    answer::forbidden("ORIGIN_REFUSED", &error)
}

fn response(asset: &Asset, scheme: &str, request: &HeaderMap) -> Response {
    let gzip = takes_gzip(request);
    let body = match gzip {
        true => Ok(Bytes::from_static(asset.gzip)),
        false => asset.plain(),
    };
    let Ok(body) = body else {
        let error = "the inspector's files are damaged";
        return answer::refuse(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", error);
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(asset.media_type);
    headers.insert(header::CONTENT_TYPE, media_type);
    if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(scheme, request));
    for (name, value) in ISOLATION {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The policy with the listener's own address for WebSockets: older browsers do not take `'self'` for that. The grammar has
/// no address in brackets; there `'self'` must do.
fn policy(scheme: &str, request: &HeaderMap) -> HeaderValue {
    // The guard has checked it: a name or an address, with its port.
    let host = request
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| !host.starts_with('['));
    host.and_then(|host| HeaderValue::from_str(&format!("{POLICY} {scheme}://{host}")).ok())
        .unwrap_or(HeaderValue::from_static(POLICY))
}
