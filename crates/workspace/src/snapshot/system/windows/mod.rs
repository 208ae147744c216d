//! Windows: a directory that is open can be neither renamed nor deleted, and neither can those above it. So its path leads to
//! it as long as it is held, and what is in it is reached by that path. An empty one can still be made a junction: so of what
//! was opened by a path the system is asked where it is.

mod change;
mod error;
mod facts;
mod kind;
mod link;
mod look;
mod modes;
mod name;
mod open;
mod patience;
mod places;
mod remove;
mod rename;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use change::{create_file, gives_owner, keep_owner, make_directory};
pub(super) use error::code;
pub(crate) use kind::FileType;
pub(crate) use link::{leads_to_directory, make_link, read_link};
pub(crate) use look::{directory_mode, each_name, is_of_one_file, look, look_at};
pub(crate) use modes::{
    SETTABLE, SETTABLE_OF_DIRECTORIES, loosen, mode_after, set_directory_mode, set_mode,
};
pub(crate) use open::{Opened, open_directory, open_file, open_to_change};
pub(crate) use patience::patiently;
pub(crate) use places::{
    delete, homes, make_private, max_file_bytes, nowhere, path, persist, same_name,
};
pub(crate) use remove::{remove_directory, remove_file};
pub(crate) use rename::rename;
pub(crate) use sync::{SYNCS_EACH, sync_directory, sync_disk, sync_path, write_out};
