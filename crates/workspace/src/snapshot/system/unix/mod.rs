//! Unix: everything is done relative to the descriptor of a directory.

mod change;
mod error;
mod look;
mod modes;
mod open;
mod owner;
mod places;
mod rename;
mod sync;

pub(crate) use change::{
    create_file, leads_to_directory, make_directory, make_link, remove_directory, remove_file,
};
pub(super) use error::code;
pub(crate) use look::{directory_mode, each_name, is_of_one_file, look, look_at, read_link};
pub(crate) use modes::{
    SETTABLE, SETTABLE_OF_DIRECTORIES, loosen, mode_after, set_directory_mode, set_mode,
};
pub(crate) use open::{Opened, open_directory, open_file, open_to_change};
pub(crate) use owner::{gives_owner, keep_owner};
pub(crate) use places::{
    delete, homes, make_private, max_file_bytes, nowhere, path, patiently, persist, same_name,
};
pub(crate) use rename::rename;
pub(crate) use rustix::fs::FileType;
pub(crate) use sync::{SYNCS_EACH, sync_directory, sync_disk, sync_path, write_out};
