//! What a file that is replaced had, given to the one that replaces it: its owner, its mode, its access control list
//! and its extended attributes.

#[cfg(target_os = "linux")]
mod acl;
#[cfg(target_os = "linux")]
mod attributes;
#[cfg(any(windows, test))]
mod descriptor;
mod existing;
mod owner;
#[cfg(windows)]
mod rights;

pub(super) use existing::Existing;
#[cfg(unix)]
pub(super) use owner::KEPT_MODE;
pub(super) use owner::{keep, new_mode};
