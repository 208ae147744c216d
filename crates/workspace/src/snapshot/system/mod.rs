//! What snapshots need of the system: directories beneath the root, opened without following any link, what is in them, and
//! how that is changed. One interface, two folders: nothing above them knows the system.

mod refused;
mod stamp;
#[cfg(test)]
mod tests;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(super) use refused::{Refused, Result, Why};
pub(super) use stamp::Stamp;
pub(super) use system::{
    FileType, Opened, SETTABLE, SETTABLE_OF_DIRECTORIES, SYNCS_EACH, create_file, delete,
    directory_mode, each_name, gives_owner, homes, is_of_one_file, keep_owner, leads_to_directory,
    look, look_at, loosen, make_directory, make_link, make_private, max_file_bytes, mode_after,
    nowhere, open_directory, open_file, open_to_change, path, patiently, persist, read_link,
    remove_directory, remove_file, rename, same_name, set_directory_mode, set_mode, sync_directory,
    sync_disk, sync_path, write_out,
};
