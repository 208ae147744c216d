//! A credential: where in a request a token may be, and which token a request carries.

use std::borrow::Cow;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};

use super::query;
use super::token::RESERVED_TOKENS;

/// The sub-protocol with this protocol's additions.
pub const PROTOCOL_V1: &str = "loopwire.v1";

/// The prefix of a token in the list of sub-protocols, the only header that a browser lets a page set.
const PROTOCOL_BEARER: &str = "bearer.";

/// The part of the request that carried the token. It decides whether a connection is treated as one of the SDK or as
/// one of the sandbox.
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
    /// The event channel: all four forms where a WebSocket may be opened; the header alone on the management routes,
    /// which change state and must not work from a link or a form.
    Channel,
    /// A plain HTTP API: the header, or the query, on any route.
    Api,
}

/// A request carries two different tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConflictingTokens;

/// A token that a request carries. It has not been checked yet.
pub(super) type Credential<'a> = (CredentialForm, Cow<'a, [u8]>);

/// The kind of route that a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RouteKind<'a> {
    /// `/ws/{token}`, with the token still percent-encoded.
    Sdk(&'a str),
    /// `/` and `/ws`.
    Socket,
    /// Any other route, including unknown ones.
    Http,
}

impl<'a> RouteKind<'a> {
    /// The kind of an undecoded path. The router does not decode it either: both must see the same route.
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

/// The credential of a request, if it carries one. It may carry the same token several times; the first of path,
/// query, sub-protocol and header decides the form.
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

/// The sub-protocols that a client offers in all headers of that name.
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
        // Both texts come from the client, so an ordinary comparison reveals nothing.
        Some((_, first)) if *first != token => return Err(ConflictingTokens),
        Some(_) => {}
    }
    Ok(())
}

/// The token of an Authorization header. With another scheme, the whole header is the credential: it contains a space,
/// so it matches no token.
fn bearer(value: &HeaderValue) -> &[u8] {
    let bytes = value.as_bytes();
    match bytes.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => token.trim_ascii(),
        _ => bytes,
    }
}
