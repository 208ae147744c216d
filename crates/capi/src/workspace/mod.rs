//! The workspace: commands, files, watches, git and snapshots in one directory.

mod execute;
mod files;
mod git;
mod handle;
mod output;
mod output_place;
mod shapes;
mod snapshot_run;
mod snapshots;
mod terminal;
mod terminal_output;
mod waiting;
mod watch;
