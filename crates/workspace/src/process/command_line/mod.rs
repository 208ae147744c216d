//! How Windows reads command lines, searches programs and keeps variables: rules of text alone, in UTF-16. They are tested
//! on every system.

mod cmd;
mod quote;
mod refused;
mod search;
mod variables;

#[cfg(windows)]
pub(super) use cmd::{batch, shell};
#[cfg(windows)]
pub(super) use quote::line;
#[cfg(windows)]
pub(super) use refused::Refused;
#[cfg(windows)]
pub(super) use search::{Kind, candidates, is_cmd, kind};
#[cfg(windows)]
pub(super) use variables::Variables;

/// A text in UTF-16.
#[cfg(test)]
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}
