//! Terminals over real connections, with real processes.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod abuse;
mod acknowledge;
mod attach;
#[cfg(target_os = "linux")]
mod descriptors;
mod endings;
mod environment;
#[cfg(target_os = "linux")]
mod escapees;
mod flow;
mod guardian;
mod input;
mod many;
mod modes;
#[cfg(target_os = "linux")]
mod orphans;
mod output;
#[cfg(target_os = "linux")]
mod signals;
#[path = "../support/mod.rs"]
mod support;
