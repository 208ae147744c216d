//! CORS: what lets a page from an admitted origin read the answers of the HTTP routes.
//!
//! It grants nothing by itself. An origin that is not admitted has been refused before this is
//! reached, and no answer ever allows credentials: there are no cookies.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// The methods and headers that the HTTP routes know, no more.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, x-notify-type");

/// How long a browser may remember the answer to a preflight: ten minutes, so that a page which
/// polls does not ask twice as often, and a restarted listener with other rules is noticed soon.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Chrome asks a preflight of its own before a public page reaches a private address.
const ASKS_PRIVATE_NETWORK: &str = "access-control-request-private-network";
const ALLOWS_PRIVATE_NETWORK: &str = "access-control-allow-private-network";

const TRUE: HeaderValue = HeaderValue::from_static("true");

/// Whether a request with an Origin is a preflight rather than an OPTIONS of its own.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight from an admitted origin. It comes before the token, which a browser
/// sends with the real request only. [`allow`] adds what every answer has.
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

/// Adds the headers of every answer. `Vary` is there without an origin too: the answer would
/// have been another one with it.
pub(super) fn allow(headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}
