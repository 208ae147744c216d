//! How a port's upstream was selected: saving, renewal and rotation depend on it.

use serde_json::Value;

use crate::provider::Filter;

/// How the upstream was selected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selection {
    /// By the id of a provider's proxy.
    Named,
    /// By a filter: one of the provider's proxies that match.
    Matching(Filter),
    /// Given with the request, password included: it is saved as it is, and no provider is asked for it.
    Inline(Value),
}

impl Selection {
    /// The filter to find a replacement with.
    pub(crate) fn filter(&self) -> Option<&Filter> {
        match self {
            Self::Matching(filter) => Some(filter),
            Self::Named | Self::Inline(_) => None,
        }
    }

    /// Whether it came from a provider.
    pub(crate) const fn is_provided(&self) -> bool {
        !matches!(self, Self::Inline(_))
    }
}
