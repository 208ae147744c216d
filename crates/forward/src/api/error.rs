//! An error answer: the status and the message of a request that failed.

use axum::http::StatusCode;

use crate::model::Detail;

/// Why a request failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl ApiError {
    /// An invalid parameter, and what it must be.
    pub(super) fn parameter(name: &str, wanted: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: format!("{name}: {wanted}"),
        }
    }

    /// All suitable ports are in use.
    pub(super) fn no_free_port() -> Self {
        Self {
            status: StatusCode::NOT_ACCEPTABLE,
            message: "no free port".to_owned(),
        }
    }

    /// A part of Loopwire failed; a `fault` event says which.
    pub(super) fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: "internal error".to_owned(),
        }
    }
}

/// The published statuses, wherever the refusal comes from: 400 for a request that asks for nothing that exists, 402 for a
/// balance, 404 if no proxy fits, 406 if no port is free. A provider's 404 and 410 both say that the proxy does not exist.
/// Whatever else a provider or an upstream says is no fault of the client, so it is 502: a provider's 401 or 403 would look
/// like a wrong token of this API, and its 5xx like a fault of it. The message has the provider's own status. 500 is what
/// this machine could not do: its disk is full.
impl From<Detail> for ApiError {
    fn from(detail: Detail) -> Self {
        let status = match &detail {
            Detail::PortOutOfRange | Detail::FilterInvalid => StatusCode::BAD_REQUEST,
            Detail::NotSaved => StatusCode::INTERNAL_SERVER_ERROR,
            Detail::NoPortAvailable | Detail::UnknownProxy => StatusCode::NOT_FOUND,
            Detail::PortInUse | Detail::PermissionDenied | Detail::PortUnavailable => {
                StatusCode::NOT_ACCEPTABLE
            }
            Detail::ProviderRefused { status, .. } => match status {
                400 => StatusCode::BAD_REQUEST,
                402 => StatusCode::PAYMENT_REQUIRED,
                404 | 410 => StatusCode::NOT_FOUND,
                406 => StatusCode::NOT_ACCEPTABLE,
                _ => StatusCode::BAD_GATEWAY,
            },
            _ => StatusCode::BAD_GATEWAY,
        };
        Self {
            status,
            message: detail.to_string(),
        }
    }
}
