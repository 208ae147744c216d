//! The core: the one thread that watches, and the tree that it knows.

mod adopt;
mod arrivals;
mod compare;
mod core;
mod events;
mod reading;
mod reasons;
mod reconcile;
mod root;
mod scopes;
mod settle;
mod subtree;
mod tell;
mod wanted;

pub(super) use self::core::Core;
pub(super) use scopes::CoverReport;
