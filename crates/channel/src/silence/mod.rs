//! Silence: which kinds of events connections mute, from where to where in the journal, and what was held back.

mod held_back;
mod mutable;
mod spans;

pub use mutable::Mutable;

pub(crate) use held_back::HeldBack;
pub(crate) use mutable::MutableKinds;
pub(crate) use spans::{SilentSpans, Span};
