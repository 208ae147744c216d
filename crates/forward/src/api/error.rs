//! A refusal: the status and the sentence of a request that was not carried out.

use axum::http::StatusCode;

use crate::model::Detail;

/// Why a request was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl ApiError {
    /// A parameter that is wrong, and what it has to be.
    pub(super) fn parameter(name: &str, wanted: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: format!("{name}: {wanted}"),
        }
    }

    /// Every port that would do is taken.
    pub(super) fn no_free_port() -> Self {
        Self {
            status: StatusCode::NOT_ACCEPTABLE,
            message: "no free port".to_owned(),
        }
    }
}

/// Statuses are the published ones where one fits; what is wrong with others than the client is 502.
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
