//! Patterns: what the paths of a watch mean, and which changes they match.

mod braces;
mod pattern;
mod selection;
#[cfg(test)]
mod tests;

pub(super) use pattern::Pattern;
pub(super) use selection::Selection;
