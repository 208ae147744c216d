//! Where a port's upstream came from: what saving, renewing and rotating go by.

use serde_json::Value;

use crate::provider::Filter;

/// How the upstream in service was chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selection {
    /// Somebody named it: the provider's proxy of its id.
    Named,
    /// The provider's, one of those that fit.
    Matching(Filter),
    /// Given with the request, its password included: saved as it is, never asked for again.
    Inline(Value),
}

impl Selection {
    /// The filter under which another one would be looked for.
    pub(crate) fn filter(&self) -> Option<&Filter> {
        match self {
            Self::Matching(filter) => Some(filter),
            Self::Named | Self::Inline(_) => None,
        }
    }

    /// Whether a provider knows it.
    pub(crate) const fn is_provided(&self) -> bool {
        !matches!(self, Self::Inline(_))
    }
}
