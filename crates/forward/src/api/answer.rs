//! An answer: JSON in the published envelope, or lines of text.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use loopwire_channel::answer::KeepBody;
use serde::Serialize;

use super::error::ApiError;

/// The format that the client asks for with the parameter `t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `t=1`: a line for each item.
    Text,
    /// `t=2`: `{"error", "message", "data"?}`.
    Json,
}

/// The result of an endpoint.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Data {
    /// Done, without data.
    Done,
    /// The addresses of the forwarded proxies.
    Proxies(Vec<SocketAddr>),
    Checks(Vec<Check>),
    Statuses(Vec<Status>),
    Listed(Vec<Listed>),
}

/// Whether a port is online.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) port: u16,
    pub(super) online: bool,
}

/// A forwarded port.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    pub(super) address: SocketAddr,
    pub(super) city: String,
    pub(super) public_ip: String,
    pub(super) online: bool,
}

/// A proxy that the provider lists.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) country_code: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) isp: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: bool,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Data>,
}

impl Format {
    pub(super) fn success(self, data: &Data) -> Response {
        match self {
            Self::Text => text(StatusCode::OK, &data.lines()),
            Self::Json => json(
                StatusCode::OK,
                &Envelope {
                    error: false,
                    message: "ok",
                    data: (!matches!(data, Data::Done)).then_some(data),
                },
            ),
        }
    }

    pub(super) fn error(self, error: &ApiError) -> Response {
        match self {
            Self::Text => text(error.status, &[format!("error: {}", error.message)]),
            Self::Json => json(
                error.status,
                &Envelope {
                    error: true,
                    message: &error.message,
                    data: None,
                },
            ),
        }
    }
}

/// An error that is found before the endpoint reads its parameters, in the published form and the requested format.
pub(super) fn refusal(query: &str, status: StatusCode, error: &str) -> Response {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let is_text = parameters.any(|(name, value)| name == "t" && value.trim() == "1");
    let format = if is_text { Format::Text } else { Format::Json };
    let message = error.to_owned();
    format.error(&ApiError { status, message })
}

impl Data {
    /// One line for each item; several values are separated by tabs.
    fn lines(&self) -> Vec<String> {
        let online = |online| if online { "online" } else { "offline" };
        match self {
            Self::Done => vec!["ok".to_owned()],
            Self::Proxies(addresses) => addresses.iter().map(SocketAddr::to_string).collect(),
            Self::Checks(checks) => checks
                .iter()
                .map(|check| line(&[&check.port.to_string(), online(check.online)]))
                .collect(),
            Self::Statuses(statuses) => statuses
                .iter()
                .map(|status| {
                    let address = status.address.to_string();
                    let online = online(status.online);
                    line(&[&address, &status.city, &status.public_ip, online])
                })
                .collect(),
            Self::Listed(listed) => listed
                .iter()
                .map(|one| line(&[&one.id, &one.country_code, &one.city, &one.state, &one.isp]))
                .collect(),
        }
    }
}

/// The provider's texts may hold anything: a control character must not start another line or column.
fn line(values: &[&str]) -> String {
    let one = |value: &&str| value.replace(char::is_control, " ");
    values.iter().map(one).collect::<Vec<_>>().join("\t")
}

fn text(status: StatusCode, lines: &[String]) -> Response {
    let mut body = lines.join("\n");
    if !body.is_empty() {
        body.push('\n');
    }
    respond(status, "text/plain; charset=utf-8", body)
}

fn json(status: StatusCode, envelope: &Envelope<'_>) -> Response {
    // Only strings, numbers and booleans, which always serialise.
    let body = serde_json::to_string(envelope).unwrap_or_default();
    respond(status, "application/json", body)
}

fn respond(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.extensions_mut().insert(KeepBody);
    response
}
