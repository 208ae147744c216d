//! The guard: what every request passes before a route is even looked for.
//!
//! One layer outside the router, so that an unknown path, a wrong method and a forgotten route are
//! behind it as well. The order is Host, Origin, CORS preflight, token; only then the router.

#![expect(
    clippy::result_large_err,
    reason = "the error is the answer itself, made once and handed on at once"
)]

use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use super::answer;
use super::cors;
use super::counters::Reason;
use super::credential::{self, CredentialForm, CredentialPolicy, RouteKind};
use super::flags::Flags;
use super::origin::printable;
use super::policy::Policy;

/// A request extension: who was admitted, and as what. Absent on routes that need no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Where the token stood.
    pub form: CredentialForm,
    /// What the client asks of its connection; the default on routes that open none.
    pub flags: Flags,
    /// Which token it was. Compare with [`crate::TokenCell::is_current`] after registering a
    /// connection: the token may have been rotated in between.
    pub token_epoch: u64,
}

/// Answers a request: with a refusal, or with what `next` makes of it.
pub(crate) async fn respond<Next, Answer>(policy: &Policy, parts: Parts, next: Next) -> Response
where
    Next: FnOnce(Parts) -> Answer,
    Answer: Future<Output = Response>,
{
    let origin = match check_host_and_origin(policy, &parts) {
        Ok(origin) => origin,
        Err(refusal) => return refusal,
    };
    let response = match &origin {
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
    cors::allow(response.headers_mut(), origin.as_ref());
    response
}

/// The visitor: whom it thinks it talks to, and which page sent it. Gives the admitted origin.
fn check_host_and_origin(policy: &Policy, parts: &Parts) -> Result<Option<HeaderValue>, Response> {
    if let Err(host) = policy.hosts.check(&parts.headers, &parts.uri) {
        policy.counters.count_refused(Reason::Host);
        return Err(answer::forbidden(
            "HOST_REFUSED",
            &format!(
                "this listener is not addressed as: {}; the option allowedHosts admits further names",
                printable(&host)
            ),
        ));
    }
    match policy.origins.check(&parts.headers) {
        Err(refused) => {
            let hint = refused
                .option
                .map(|option| format!("; the option {option} admits it"))
                .unwrap_or_default();
            policy
                .observer
                .refused_origin(&refused.shown, refused.option);
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

/// Images, links and forms of other sites send no Origin, but browsers tell on them in other ways.
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
            "a page of another site may not ask this",
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

/// The token, and what is asked of the connection. Gives the request back with [`Admitted`] in it.
fn admit(policy: &Policy, mut parts: Parts) -> Result<Parts, Response> {
    let open = |(method, path): &(http::Method, &str)| {
        *method == parts.method && *path == parts.uri.path()
    };
    let Some(token) = &policy.token else {
        return check_body(policy, parts);
    };
    if policy.open_routes.iter().any(open) {
        return check_body(policy, parts);
    }
    let (form, token_epoch) = match credential::find(policy.credentials, &parts) {
        Err(credential::ConflictingTokens) => {
            return Err(refuse(policy, "the request shows two different tokens"));
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

/// A body that says it is something else than JSON is a form, and a form is a page of somebody.
fn check_body(policy: &Policy, parts: Parts) -> Result<Parts, Response> {
    let other = |kind: &HeaderValue| {
        let kind = kind.as_bytes().split(|byte| *byte == b';').next();
        !kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(b"application/json"))
    };
    let kinds = parts.headers.get_all(header::CONTENT_TYPE);
    if policy.json_bodies && kinds.iter().any(other) {
        return Err(refuse(policy, "a body has to be application/json"));
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
