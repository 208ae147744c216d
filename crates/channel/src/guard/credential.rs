//! A credential: where in a request a token may stand, and the one token a request shows.

use std::borrow::Cow;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};

use super::query;
use super::token::RESERVED_TOKENS;

/// The sub-protocol of the additions to the wire.
pub const PROTOCOL_V1: &str = "loopwire.v1";

/// What precedes a token in the list of sub-protocols. A browser can set no other header.
const PROTOCOL_BEARER: &str = "bearer.";

/// The part of the request that showed the token. It decides whether a connection is one of the SDK's
/// or a sandbox connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialForm {
    /// `/ws/{token}`.
    Sdk,
    /// `?token={token}`.
    Query,
    /// `Authorization: Bearer {token}`.
    Bearer,
    /// `Sec-WebSocket-Protocol: loopwire.v1, bearer.{token}`.
    Protocol,
}

/// Where a listener looks for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialPolicy {
    /// The event channel: all four forms where a WebSocket may be opened, the header alone on the
    /// management routes, which change state and must not be within reach of a link or a form.
    Channel,
    /// A plain HTTP API: the header, or the query of any route.
    Api,
}

/// A request with two credentials that are not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConflictingTokens;

/// One token that a request shows; not checked yet.
pub(super) type Credential<'a> = (CredentialForm, Cow<'a, [u8]>);

/// What a path is to the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RouteKind<'a> {
    /// `/ws/{token}`, the token still encoded.
    Sdk(&'a str),
    /// `/` and `/ws`.
    Socket,
    /// Any other route, the unknown ones included.
    Http,
}

impl<'a> RouteKind<'a> {
    /// Sorts a path as it came in. It is not decoded first, and neither does the router decode it: both
    /// must see the same route.
    pub(super) fn of(path: &'a str) -> Self {
        match path.strip_prefix("/ws/") {
            Some(segment)
                if !segment.is_empty()
                    && !segment.contains('/')
                    && !RESERVED_TOKENS.contains(&segment) =>
            {
                Self::Sdk(segment)
            }
            None if path == "/" || path == "/ws" => Self::Socket,
            _ => Self::Http,
        }
    }
}

/// The credential of a request, if it shows one. Several are fine as long as they are the same; the
/// first of path, query, sub-protocol and header gives the form.
pub(super) fn find(
    policy: CredentialPolicy,
    parts: &Parts,
) -> Result<Option<Credential<'_>>, ConflictingTokens> {
    let mut found = None;
    let route = RouteKind::of(parts.uri.path());
    if let (CredentialPolicy::Channel, RouteKind::Sdk(segment)) = (policy, route) {
        note(&mut found, CredentialForm::Sdk, query::decode(segment))?;
    }
    if policy == CredentialPolicy::Api || route != RouteKind::Http {
        for (key, value) in query::pairs(parts.uri.query()) {
            if *key == *b"token" {
                note(&mut found, CredentialForm::Query, value)?;
            }
        }
    }
    if policy == CredentialPolicy::Channel && route != RouteKind::Http {
        for protocol in protocols(&parts.headers) {
            if let Some(token) = protocol.strip_prefix(PROTOCOL_BEARER) {
                note(
                    &mut found,
                    CredentialForm::Protocol,
                    Cow::Borrowed(token.as_bytes()),
                )?;
            }
        }
    }
    for value in parts.headers.get_all(header::AUTHORIZATION) {
        note(
            &mut found,
            CredentialForm::Bearer,
            Cow::Borrowed(bearer(value)),
        )?;
    }
    Ok(found)
}

/// The sub-protocols that a client offers, over all its headers of that name.
pub(crate) fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
}

fn note<'a>(
    found: &mut Option<Credential<'a>>,
    form: CredentialForm,
    token: Cow<'a, [u8]>,
) -> Result<(), ConflictingTokens> {
    match found {
        None => *found = Some((form, token)),
        // Both texts are the client's own, so an ordinary comparison tells nobody anything.
        Some((_, first)) if *first != token => return Err(ConflictingTokens),
        Some(_) => {}
    }
    Ok(())
}

/// The token of an Authorization header. Of another scheme the whole header is the credential: it has
/// a space and can be no token.
fn bearer(value: &HeaderValue) -> &[u8] {
    let bytes = value.as_bytes();
    match bytes.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => token.trim_ascii(),
        _ => bytes,
    }
}
