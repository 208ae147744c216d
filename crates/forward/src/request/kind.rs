//! What a job is to do: its kind, and which upstream.

use std::sync::Arc;

use super::picker::Picker;
use crate::upstream::Upstream;

/// The upstream that a job is to use.
pub(crate) enum UpstreamChoice {
    /// The provider's proxy of that id.
    Named(String),
    /// One that matches a filter and completes a handshake; never `except`.
    Matching {
        picker: Arc<Picker>,
        except: Option<String>,
        /// Skip upstreams that failed lately: nobody waits for this job, and the port's own upstream may recover.
        healthy_only: bool,
    },
    /// The one that was given with the request.
    Inline(Box<Upstream>, serde_json::Value),
    /// The port's proxy, as the provider's edited list has it.
    Listed(Box<Upstream>),
}

/// The kind of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobKind {
    /// Forward a port, whether it is forwarded already or not.
    Create,
    /// The same, but skip a port that is not free.
    CreateFree,
    /// Restore a saved port: it is kept even if its upstream fails.
    Restore,
    /// Another upstream for a forwarded port.
    Rotate,
    /// The same upstream, asked for again, for a forwarded port.
    Renew,
    /// The same upstream, as the provider's edited list has it.
    Edit,
}

impl JobKind {
    pub(super) const fn needs_port(self) -> bool {
        matches!(self, Self::Rotate | Self::Renew | Self::Edit)
    }

    /// The reason in the port's status.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Create | Self::CreateFree => "forwarded",
            Self::Restore => "restored",
            Self::Rotate => "rotated",
            Self::Renew => "renewed",
            Self::Edit => "edited",
        }
    }
}
