//! The checks that every request must pass before it reaches the router.
//!
//! They are outside the router, so that they also protect an unknown path, a wrong method and a new route. The order
//! is Host, Origin, CORS preflight, token, and then the router.

#![expect(
    clippy::result_large_err,
    reason = "the error is the response itself, which is returned at once"
)]

use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::answer;
use super::cors;
use super::counters::Reason;
use super::credential::{self, CredentialForm, CredentialPolicy, RouteKind};
use super::flags::Flags;
use super::origin::printable;
use super::policy::Policy;

/// A request extension: how the request was admitted. Absent on routes that need no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Where in the request the token was.
    pub form: CredentialForm,
    /// The client's options for its connection. The default on routes that open none.
    pub flags: Flags,
    /// The epoch of the token. Check it with [`crate::TokenCell::is_current`] after a connection was registered: the
    /// token may have been rotated in between.
    pub token_epoch: u64,
}

/// A request extension, where the listener serves pages itself: the origin of a page that this request asks for, if such a
/// page may not use the listener.
#[derive(Clone, Debug)]
pub(crate) struct RefusedPage(pub(crate) String);

/// Answers a request: with an error, or with the response of `next`. `fragment`: its target had one, which is not in
/// `parts` any more.
pub(crate) async fn respond<Next, Answer>(
    policy: &Policy,
    mut parts: Parts,
    fragment: bool,
    next: Next,
) -> Response
where
    Next: FnOnce(Parts) -> Answer,
    Answer: Future<Output = Response>,
{
    let origin = match check_host_and_origin(policy, &parts) {
        Ok(origin) => origin,
        Err(refusal) => {
            let query = parts.uri.query().unwrap_or_default();
            return match policy.form {
                Some(form) => answer::reform(refusal, query, form),
                None => refusal,
            };
        }
    };
    let form = policy.form.map(|form| {
        let query = parts.uri.query().unwrap_or_default();
        (form, query.to_owned())
    });
    if let Some(page) = own_origin(policy, &parts.headers)
        && !(is_own(policy, &parts.headers) || policy.origins.admits(&page))
    {
        parts.extensions.insert(RefusedPage(page));
    }
    let response = match &origin {
        _ if fragment => refuse(policy, "a request target has no fragment (#)"),
        Some(_) if cors::is_preflight(&parts.method, &parts.headers) => {
            cors::preflight(&parts.headers)
        }
        _ => match admit(policy, parts) {
            Ok(parts) => next(parts).await,
            Err(refusal) => refusal,
        },
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    let mut response = answer::finish(response);
    if let Some((form, query)) = form {
        response = answer::reform(response, &query, form);
    }
    cors::allow(response.headers_mut(), origin.as_ref());
    response
}

/// Checks the Host and the Origin. Returns the admitted origin.
fn check_host_and_origin(policy: &Policy, parts: &Parts) -> Result<Option<HeaderValue>, Response> {
    if let Err(host) = policy.hosts.check(&parts.headers, &parts.uri) {
        policy.counters.count_refused(Reason::Host);
        let hint = match policy.has_options {
            true => "; the option allowedHosts admits further names",
            false => "; address it as 127.0.0.1 or localhost, with its port",
        };
        return Err(answer::forbidden(
            "HOST_REFUSED",
            &format!("the Host is refused: {}{hint}", printable(&host)),
        ));
    }
    match policy.origins.check(&parts.headers) {
        Err(_) if is_own_page(policy, &parts.headers) => {
            Ok(parts.headers.get(header::ORIGIN).cloned())
        }
        Err(refused) => {
            let option = refused.option.filter(|_| policy.has_options);
            let hint = option
                .map(|option| format!("; the option {option} admits it"))
                .unwrap_or_default();
            policy.observer.refused_origin(&refused.shown, option);
            Err(refuse_origin(
                policy,
                &format!("the origin is refused: {}{hint}", refused.shown),
            ))
        }
        Ok(Some(_)) => Ok(parts.headers.get(header::ORIGIN).cloned()),
        Ok(None) if policy.same_site => check_site(policy, parts).map(|()| None),
        Ok(None) => Ok(None),
    }
}

/// Whether a page of the listener's own sends the request: its origin is the Host, which is one of the listener's own names.
fn is_own_page(policy: &Policy, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return false;
    };
    is_own(policy, headers)
        && own_origin(policy, headers).is_some_and(|own| own.as_bytes() == origin.as_bytes())
}

/// The origin of a page that the listener serves at this Host; nothing if it serves none.
fn own_origin(policy: &Policy, headers: &HeaderMap) -> Option<String> {
    let (scheme, host) = (policy.own_pages?, headers.get(header::HOST)?);
    Some(format!("{scheme}://{}", host.to_str().ok()?))
}

/// Whether the Host, which has been checked, is a name of the listener's own: a page under that name came from here. Of the
/// names that a wildcard admits, some may be others', who let them lead here after their page was loaded from elsewhere.
fn is_own(policy: &Policy, headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    host.is_some_and(|host| policy.hosts.lists(host))
}

/// Images, links and forms of other sites send no Origin, but browsers send other headers with them.
fn check_site(policy: &Policy, parts: &Parts) -> Result<(), Response> {
    let cross_site = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"cross-site");
    if parts
        .headers
        .get_all("sec-fetch-site")
        .iter()
        .any(cross_site)
    {
        return Err(refuse_origin(
            policy,
            "requests from pages of other sites are refused",
        ));
    }
    let foreign = |value: &HeaderValue| {
        let referer = value.to_str().unwrap_or_default();
        !policy.origins.admits_referer(referer)
    };
    if parts.headers.get_all(header::REFERER).iter().any(foreign) {
        return Err(refuse_origin(policy, "the Referer is refused"));
    }
    Ok(())
}

/// Checks the token, and reads the flags of a connection. Returns the request with [`Admitted`] in it.
fn admit(policy: &Policy, mut parts: Parts) -> Result<Parts, Response> {
    // HEAD is GET without the body (RFC 9110, section 9.3.2).
    let method = match &parts.method {
        &http::Method::HEAD => &http::Method::GET,
        method => method,
    };
    let open = |(open, path): &(http::Method, &str)| open == method && *path == parts.uri.path();
    let Some(token) = &policy.token else {
        return check_body(policy, parts);
    };
    if policy.open_routes.iter().any(open) {
        return check_body(policy, parts);
    }
    let (form, token_epoch) = match credential::find(policy.credentials, &parts) {
        Err(credential::ConflictingTokens) => {
            return Err(refuse(policy, "the request carries two different tokens"));
        }
        Ok(shown) => shown
            .and_then(|(form, shown)| Some((form, token.admit(&shown)?)))
            .ok_or_else(|| {
                policy.counters.count_refused(Reason::Token);
                answer::unauthorized()
            })?,
    };
    let opens_socket = policy.credentials == CredentialPolicy::Channel
        && RouteKind::of(parts.uri.path()) != RouteKind::Http;
    let flags = if opens_socket {
        Flags::read(&parts).map_err(|error| refuse(policy, error))?
    } else {
        Flags::default()
    };
    parts.extensions.insert(Admitted {
        form,
        flags,
        token_epoch,
    });
    check_body(policy, parts)
}

/// Rejects bodies with another content type than JSON. Web pages can send form posts to any listener (CSRF). A GET that
/// names a type and brings no body is a GET; a form without fields is still a form.
fn check_body(policy: &Policy, parts: Parts) -> Result<Parts, Response> {
    let other = |kind: &HeaderValue| {
        let kind = kind.as_bytes().split(|byte| *byte == b';').next();
        !kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(b"application/json"))
    };
    let kinds = parts.headers.get_all(header::CONTENT_TYPE);
    let bodiless = matches!(parts.method, http::Method::GET | http::Method::HEAD)
        && !parts.headers.contains_key(header::TRANSFER_ENCODING)
        && parts
            .headers
            .get_all(header::CONTENT_LENGTH)
            .iter()
            .all(|length| length == "0");
    if policy.json_bodies && !bodiless && kinds.iter().any(other) {
        return Err(refuse(policy, "the body must be application/json"));
    }
    Ok(parts)
}

fn refuse(policy: &Policy, error: &str) -> Response {
    policy.counters.count_refused(Reason::Request);
    answer::bad_request(error)
}

fn refuse_origin(policy: &Policy, error: &str) -> Response {
    policy.counters.count_refused(Reason::Origin);
    answer::forbidden("ORIGIN_REFUSED", error)
}
