//! CORS: lets a page from an admitted origin read the responses of the HTTP routes.
//!
//! It admits nothing by itself: an origin that is not admitted has been refused before. No response allows
//! credentials, because there are no cookies.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// The methods and headers that the HTTP routes use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, x-notify-type");

/// How long a browser may cache the response to a preflight: ten minutes. A page that polls does not send twice as
/// many requests, and the browser soon notices a restarted listener with other rules.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Chrome sends an extra preflight before a public page may reach a private address.
const ASKS_PRIVATE_NETWORK: &str = "access-control-request-private-network";
const ALLOWS_PRIVATE_NETWORK: &str = "access-control-allow-private-network";

const TRUE: HeaderValue = HeaderValue::from_static("true");

/// Whether a request with an Origin is a preflight rather than a plain OPTIONS request.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The response to a preflight from an admitted origin. The token is not checked, because a browser sends it with the
/// real request only. [`allow`] adds the headers of every response.
pub(super) fn preflight(request: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if request.get(ASKS_PRIVATE_NETWORK) == Some(&TRUE) {
        headers.insert(ALLOWS_PRIVATE_NETWORK, TRUE);
    }
    response
}

/// Adds the headers of every response. `Vary` is also set if there is no origin, because the response would differ
/// with one.
pub(super) fn allow(headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}
