//! Maps an API's error answer to the detail of a failed request.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::Answer;
use super::entries;
use crate::model::Detail;

/// The longest message of an API that is passed on: a code is short; prose is not passed on.
const MAX_MESSAGE: usize = 100;

#[derive(Deserialize)]
struct RefusalBody {
    message: String,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// The detail of an error answer. A message that `reveals` a secret is not passed on.
pub(super) fn refusal(answer: &Answer, reveals: impl Fn(&str) -> bool) -> Detail {
    if answer.status.is_redirection() || answer.status.is_informational() {
        return Detail::ProviderUnreadable;
    }
    let message = entries::object::<RefusalBody>(&answer.body)
        .map(|refusal| refusal.message.trim().to_owned())
        .filter(|message| is_plain(message) && !reveals(message));
    Detail::ProviderRefused {
        status: answer.status.as_u16(),
        message: message.unwrap_or_else(|| code(answer.status).to_owned()),
    }
}

/// Whether it can be part of an event: `|` would start another field.
fn is_plain(message: &str) -> bool {
    !message.is_empty()
        && message.chars().count() <= MAX_MESSAGE
        && !message
            .chars()
            .any(|letter| letter.is_control() || letter == '|')
}

/// The message for an API that sends no usable one.
fn code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "BAD_REQUEST",
        401 => "UNAUTHORIZED",
        402 => "PAYMENT_REQUIRED",
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        406 => "NOT_ACCEPTABLE",
        410 => "GONE",
        429 => "TOO_MANY_REQUESTS",
        500..=599 => "SERVER_ERROR",
        _ => "REFUSED",
    }
}

/// The content of an answer: its JSON, or the `data` of an envelope `{"data": …}`.
pub(super) fn content(body: &[u8]) -> Result<&RawValue, Detail> {
    if let Some(Envelope { data: Some(data) }) = entries::object(body) {
        return Ok(data);
    }
    serde_json::from_slice(body).map_err(|_| Detail::ProviderUnreadable)
}

/// How long a busy API asks us to wait.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let wanted = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(wanted).ok()?;
    // By the API's clock, if it sends it: this machine's may be wrong.
    let now = text(header::DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}
