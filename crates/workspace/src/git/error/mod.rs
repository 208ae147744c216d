//! Why git has failed: a code that one can act on, and git's own words without secrets.

mod classify;
mod redact;
mod table;

pub(super) use classify::failure;
pub(super) use redact::Redactor;
