//! What the tests of terminals and of files share: one server, its client, and a look at processes.
#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

mod client;
mod process;
mod server;
mod transfers;

use std::time::Duration;

pub(crate) use client::{Client, Output};
pub(crate) use process::{is_alive, members};
pub(crate) use server::{TestServer, until};
pub(crate) use transfers::{noise, piece, sha256};

/// Far longer than anything in these tests takes: only what never comes reaches it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);
