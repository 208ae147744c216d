//! Commands, consoles and paths on Windows. What starts with this program itself is a child of a test: it says and does what
//! no program of the system does everywhere.

#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod child;
mod commands;
mod consoles;
mod ends;
mod paths;
mod saving;
mod snapshots;
mod support;
