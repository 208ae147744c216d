//! The routes of a listener: the WebSocket in its four forms, and the management of connections.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, any, get, post};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use serde::{Deserialize, Serialize};

use super::listener::{Listener, SlotPlace};
use super::metrics;
use super::report::Behind;
use crate::event::json::{self as text, timestamp};
use crate::guard::{Admitted, answer};
use crate::inspector;
use crate::server::{Handshake, REQUEST_DEADLINE};
use crate::wire::Close;

type Shared = State<Arc<Listener>>;

pub(super) fn router(listener: Arc<Listener>) -> Router {
    let page = match listener.options.inspector {
        true => inspector::router(listener.identity().is_some()),
        false => Router::new(),
    };
    // The static paths take precedence over `{token}`; their names are refused as tokens.
    Router::new()
        .route("/", any(open))
        .route("/ws", any(open))
        .route("/ws/{token}", any(open))
        .route("/ws/connection", only("GET, HEAD", get(connection)))
        .route("/ws/connections", only("GET, HEAD", get(connections)))
        .route("/ws/connect", only("POST", post(connect)))
        .route("/ws/disconnect", only("POST", post(disconnect)))
        .route("/health", only("GET, HEAD", get(health)))
        .route("/metrics", only("GET, HEAD", get(figures)))
        .merge(page)
        .fallback(async || answer::refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "no such route"))
        .with_state(listener)
}

fn only(allow: &'static str, route: MethodRouter<Arc<Listener>>) -> MethodRouter<Arc<Listener>> {
    route.fallback(async move || answer::method_not_allowed(allow))
}

/// The WebSocket itself.
async fn open(State(listener): Shared, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let handshake = match Handshake::check(&parts) {
        Ok(handshake) => handshake,
        Err(refusal) => return refusal,
    };
    let (Some(admitted), Some(upgrade)) = (
        parts.extensions.remove::<Admitted>(),
        parts.extensions.remove::<OnUpgrade>(),
    ) else {
        // The guard admits no other request to this route, and the accept loop serves upgrades.
        return answer::unauthorized();
    };
    let Some(reservation) = listener.reserve() else {
        return answer::unavailable(
            "the listener already has maxConnections connections",
            REQUEST_DEADLINE,
        );
    };
    listener.admit(admitted, upgrade, reservation);
    handshake.response()
}

async fn health() -> Response {
    json(&serde_json::json!({"success": true}))
}

async fn connection(State(listener): Shared) -> Response {
    json(&serde_json::json!({"success": true, "wsConnected": listener.connected() > 0}))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: &'a str,
    connected: String,
    last_ping: String,
    active: bool,
    silent: bool,
    v1: bool,
    form: &'static str,
    slot: Option<&'static str>,
    behind: Option<Behind>,
}

async fn connections(State(listener): Shared) -> Response {
    let states = listener.connections();
    let rows: Vec<_> = states
        .iter()
        .map(|state| Row {
            id: &state.info.id,
            connected: timestamp(state.opened),
            last_ping: timestamp(state.last_ping),
            active: state.active,
            silent: state.silent,
            v1: state.info.v1,
            form: state.info.form(),
            slot: state.slot.map(SlotPlace::name),
            behind: state.behind.map(Behind::from),
        })
        .collect();
    json(&serde_json::json!({"success": true, "connections": rows}))
}

async fn connect(State(listener): Shared, headers: HeaderMap) -> Response {
    let silent = match headers.get("x-notify-type").map(HeaderValue::as_bytes) {
        None => false,
        Some(value) if value.eq_ignore_ascii_case(b"silent") => true,
        Some(_) => return answer::bad_request("X-Notify-Type must be silent or absent"),
    };
    listener.set_silent(silent);
    json(&serde_json::json!({
        "success": true,
        "wsConnected": listener.connected() > 0,
        "silent": silent,
    }))
}

/// Which connections: those of a token, or one of them.
#[derive(Deserialize)]
struct Disconnect {
    token: Option<String>,
    id: Option<String>,
}

async fn disconnect(State(listener): Shared, body: Bytes) -> Response {
    let body = std::str::from_utf8(&body).ok();
    let (token, id) = match body.map(text::read) {
        Some(Ok(Disconnect { token, id })) if token.is_some() || id.is_some() => (token, id),
        _ => {
            let expected = r#"the body must be {"token":"…"} or {"id":"conn-1"}"#;
            return answer::bad_request(expected);
        }
    };
    let disconnected = match (token, id) {
        (Some(token), _) if !listener.is_token(&token) => 0,
        (_, Some(id)) => usize::from(listener.disconnect(&id)),
        (_, None) => listener.disconnect_all(&Close::disconnected()),
    };
    json(&serde_json::json!({"success": true, "disconnected": disconnected}))
}

async fn figures(State(listener): Shared) -> Response {
    match metrics::render(&listener) {
        Ok(text) => {
            let kind = HeaderValue::from_static(metrics::CONTENT_TYPE);
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn json(value: &serde_json::Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
