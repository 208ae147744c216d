//! The names of Windows: rules of text alone, tested on every system. One file has many names there, and some names are no
//! files.

mod component;
mod device;
mod fold;
mod prefix;
mod within;

#[cfg(windows)]
pub(crate) use component::may_be_short;
#[cfg(windows)]
pub(crate) use component::{Wrong, check};
#[cfg(windows)]
pub(crate) use fold::same;
#[cfg(windows)]
pub(super) use prefix::{Prefix, plain, prefix};
#[cfg(windows)]
pub(super) use within::within;

/// Whether the character separates names. The system reads both.
pub(super) const fn is_separator(character: char) -> bool {
    matches!(character, '\\' | '/')
}
