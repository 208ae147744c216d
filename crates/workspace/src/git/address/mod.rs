//! What a client may name: where a repository is, and which branch. Only the text is looked at.

mod branch;
mod url;

pub(super) use branch::check_branch;
pub(super) use url::{Address, UserInformation};
