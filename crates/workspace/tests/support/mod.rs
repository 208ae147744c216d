//! What the tests share: one server, its client, and a look at processes.
#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

mod client;
mod process;
mod server;
mod snapshot_server;
mod transfers;
mod user;

use std::time::Duration;

pub(crate) use client::{Client, Output};
pub(crate) use process::{command_lines, is_alive, members, processes};
pub(crate) use server::{TestServer, until};
pub(crate) use snapshot_server::{SnapshotServer, in_memory, only_store};
pub(crate) use transfers::{noise, piece, sha256};
pub(crate) use user::{
    NOBODY, another_process, as_nobody, in_another_process, is_root, other_process, run_process,
    start_process, succeeds,
};

/// Far longer than anything in these tests takes: only what never comes reaches it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);
