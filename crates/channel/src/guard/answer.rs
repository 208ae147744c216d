//! HTTP error responses, all in one form, and the headers that every response has.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::event::json;

/// Headers of every response. It must not be cached, the URL may contain a token (no referrer), and the JSON must
/// never be taken for a script or a page (no sniffing).
const COMMON: [(HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
];

/// The media type of error responses, and of the request bodies that are accepted.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A response extension: what an error response says, for a server whose clients expect it in another form.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    error: String,
}

/// Renders an error response for the query of its request, its status and what is wrong.
pub type RefusalForm = fn(query: &str, status: StatusCode, error: &str) -> Response;

/// An error response: `{"success":false,"error":"…","code":"…"}`. `error` is for people and never contains a
/// secret; `code` is for programs and is stable.
#[must_use]
pub fn refuse(status: StatusCode, code: &str, error: &str) -> Response {
    let mut body = Vec::with_capacity(64 + error.len());
    body.extend_from_slice(br#"{"success":false,"error":"#);
    json::write_string(&mut body, error);
    body.extend_from_slice(br#","code":"#);
    json::write_string(&mut body, code);
    body.push(b'}');
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    add_common_headers(response.headers_mut());
    let error = error.to_owned();
    response.extensions_mut().insert(Refusal { error });
    response
}

/// 400: the request is invalid.
#[must_use]
pub fn bad_request(error: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", error)
}

/// 401. It is the same to the byte whatever was wrong, so that it does not help to guess a token.
#[must_use]
pub fn unauthorized() -> Response {
    let mut response = refuse(
        StatusCode::UNAUTHORIZED,
        "UNAUTHORIZED",
        "the token is missing or wrong",
    );
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// 403: the client may not use the listener. `code` tells which rule refused it.
#[must_use]
pub fn forbidden(code: &str, error: &str) -> Response {
    refuse(StatusCode::FORBIDDEN, code, error)
}

/// 405 with the allowed methods as they are in the header: `"GET, POST"`.
#[must_use]
pub fn method_not_allowed(allow: &'static str) -> Response {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// 413: the body is larger than the limit.
#[must_use]
pub fn too_large(limit: usize) -> Response {
    refuse(
        StatusCode::PAYLOAD_TOO_LARGE,
        "TOO_LARGE",
        &format!("the body is larger than {limit} bytes"),
    )
}

/// 426: the request is not a WebSocket handshake, or it has another version.
#[must_use]
pub fn upgrade_required(error: &str) -> Response {
    let mut response = refuse(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED", error);
    let headers = response.headers_mut();
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response
}

/// 503: a limit of connections is reached. With the time after which the client may try again.
#[must_use]
pub fn unavailable(error: &str, retry_after: Duration) -> Response {
    let mut response = refuse(
        StatusCode::SERVICE_UNAVAILABLE,
        "TOO_MANY_CONNECTIONS",
        error,
    );
    // Whole seconds, and never 0: with 0, clients would try again in a tight loop.
    let seconds = retry_after.as_secs().max(1);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A response extension: the route has written the body itself, and it is kept whatever the status is.
#[derive(Clone, Copy, Debug)]
pub struct KeepBody;

/// Completes the response of a router. An error response without a body or with plain text becomes JSON and keeps its
/// headers (`Allow`), unless it has [`KeepBody`]. Every response gets the common headers that it has not set itself.
#[must_use]
pub(crate) fn finish(response: Response) -> Response {
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let refused = status.is_client_error() || status.is_server_error();
    if !refused || is_json || response.extensions().get::<KeepBody>().is_some() {
        let mut response = response;
        add_common_headers(response.headers_mut());
        return response;
    }
    let mut plain = plain(status);
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            plain.headers_mut().insert(name, value.clone());
        }
    }
    plain
}

/// The same response in that form, if it is an error response of this room. Its headers stay.
#[must_use]
pub(crate) fn reform(response: Response, query: &str, form: RefusalForm) -> Response {
    let Some(refusal) = response.extensions().get::<Refusal>() else {
        return response;
    };
    let mut formed = form(query, response.status(), &refusal.error);
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            formed.headers_mut().insert(name, value.clone());
        }
    }
    formed
}

/// An error response of which only the status is known.
fn plain(status: StatusCode) -> Response {
    let (code, error) = match status {
        StatusCode::NOT_FOUND => ("NOT_FOUND", "there is no such route"),
        StatusCode::METHOD_NOT_ALLOWED => (
            "METHOD_NOT_ALLOWED",
            "the route does not support this method; see the header Allow",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("TOO_LARGE", "the body is too large"),
        _ if status.is_server_error() => ("INTERNAL", "the listener failed to answer"),
        _ => ("BAD_REQUEST", "the request could not be understood"),
    };
    refuse(status, code, error)
}

fn add_common_headers(headers: &mut HeaderMap) {
    for (name, value) in COMMON {
        headers.entry(name).or_insert(value);
    }
}
