//! The root: the one directory of a workspace, and how a client's path is resolved beneath it.

mod canonical;
mod directory;
mod error;
mod identity;
mod location;
#[cfg(any(windows, test))]
mod names;
mod resolve;
#[cfg(windows)]
mod short;
#[cfg(test)]
mod tests;

pub(crate) use canonical::canonicalize;
pub use directory::Directory;
pub(crate) use error::{contents_refusal, is_in_use, is_out_of_descriptors, not_a_file, refusal};
pub(crate) use identity::Identity;
pub(crate) use location::Location;
#[cfg(windows)]
pub(crate) use names::{check as check_names, may_be_short, same as same_name};
pub use resolve::Root;
