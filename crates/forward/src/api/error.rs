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
}

/// The published status if one fits; 502 if the client is not to blame.
impl From<Detail> for ApiError {
    fn from(detail: Detail) -> Self {
        let status = match &detail {
            Detail::PortOutOfRange => StatusCode::BAD_REQUEST,
            Detail::NoPortAvailable | Detail::UnknownProxy => StatusCode::NOT_FOUND,
            Detail::PortInUse | Detail::PermissionDenied | Detail::PortUnavailable => {
                StatusCode::NOT_ACCEPTABLE
            }
            Detail::ProviderRefused { status, .. } => match status {
                400 => StatusCode::BAD_REQUEST,
                402 => StatusCode::PAYMENT_REQUIRED,
                404 => StatusCode::NOT_FOUND,
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
