//! The root: the one directory of a workspace, and how a client's path is resolved beneath it.

mod directory;
mod error;
mod identity;
mod location;
mod resolve;
#[cfg(test)]
mod tests;

pub use directory::Directory;
pub(crate) use error::{contents_refusal, is_out_of_descriptors, not_a_file, refusal};
pub(crate) use identity::Identity;
pub(crate) use location::Location;
pub use resolve::Root;
