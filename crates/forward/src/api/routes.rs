//! The routes of the local API: one table that makes the router.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use loopwire_channel::{MAX_BODY_BYTES, answer};

use super::answer::refusal;
use super::endpoints::{Dispatcher, Endpoint};
use super::error::ApiError;
use super::parameters::Parameters;
use crate::port::supervise;

/// The component name in the faults of the local API.
pub(super) const COMPONENT: &str = "forward:http-api";

/// The OpenAPI document.
const DOCUMENT: &str = include_str!("../../openapi.json");

/// A route of the local API.
#[derive(Clone, Copy, Debug)]
pub struct ApiRoute {
    /// Its path.
    pub path: &'static str,
    /// The parameters it reads.
    pub parameters: &'static [&'static str],
    /// `None` for the OpenAPI document.
    endpoint: Option<Endpoint>,
}

impl ApiRoute {
    const fn new(
        path: &'static str,
        endpoint: Option<Endpoint>,
        parameters: &'static [&'static str],
    ) -> Self {
        Self {
            path,
            parameters,
            endpoint,
        }
    }
}

/// Every route there is.
pub static API_ROUTES: [ApiRoute; 7] = [
    ApiRoute::new(
        "/api/proxy",
        Some(Endpoint::Proxy),
        &[
            "num",
            "country",
            "state",
            "city",
            "zip",
            "isp",
            "port",
            "ports",
            "start_port",
            "plan",
            "today",
            "t",
        ],
    ),
    ApiRoute::new(
        "/api/port_check",
        Some(Endpoint::PortCheck),
        &["ports", "t"],
    ),
    ApiRoute::new("/api/port_status", Some(Endpoint::PortStatus), &["t"]),
    ApiRoute::new(
        "/api/set_port_range",
        Some(Endpoint::SetPortRange),
        &["start_port", "port_num", "t"],
    ),
    ApiRoute::new("/api/port_free", Some(Endpoint::PortFree), &["ports", "t"]),
    ApiRoute::new(
        "/api/today_list",
        Some(Endpoint::TodayList),
        &["limit", "today", "t"],
    ),
    ApiRoute::new("/api/openapi.json", None, &[]),
];

pub(super) fn router(dispatcher: Arc<Dispatcher>) -> Router {
    let mut router = Router::new();
    for route in &API_ROUTES {
        // `get` would answer every HEAD as well, and here a GET may change something.
        router = match route.endpoint {
            Some(endpoint) => {
                let dispatcher = Arc::clone(&dispatcher);
                let serve = move |request| {
                    let dispatcher = Arc::clone(&dispatcher);
                    async move { serve(&dispatcher, endpoint, request).await }
                };
                router.route(route.path, any(serve))
            }
            None => router.route(route.path, any(document)),
        };
    }
    router
}

async fn serve(dispatcher: &Dispatcher, endpoint: Endpoint, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match parts.method {
        // The body was read and limited before; this only returns it.
        Method::POST => to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default(),
        Method::GET => axum::body::Bytes::new(),
        Method::HEAD if endpoint.is_safe() => axum::body::Bytes::new(),
        _ if endpoint.is_safe() => return answer::method_not_allowed("GET, HEAD, POST"),
        _ => return answer::method_not_allowed("GET, POST"),
    };
    let query = parts.uri.query().unwrap_or_default();
    let asked = Parameters::read(query, &body);
    let asked = asked.and_then(|asked| Ok((asked.format()?, asked)));
    match asked {
        Ok((format, asked)) => {
            let context = &dispatcher.engine.0.context;
            // A panic is reported, and its request is answered like any other.
            let serving = supervise::once(context, COMPONENT, dispatcher.serve(endpoint, &asked));
            match serving.await {
                Some(Ok(data)) => format.success(&data),
                Some(Err(error)) => format.error(&error),
                None => format.error(&ApiError::internal()),
            }
        }
        Err(error) => refusal(query, error.status, &error.message),
    }
}

async fn document(method: Method) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return answer::method_not_allowed("GET, HEAD");
    }
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], DOCUMENT).into_response()
}
