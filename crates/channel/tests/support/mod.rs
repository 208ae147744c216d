//! What all suites of the channel share: a listener, its echo application, waiting, measuring a process.
#![allow(dead_code, unused_imports, reason = "not every suite uses everything")]

mod echo;
mod flood;
pub(crate) mod process;
mod receive;
mod server;
mod until;

pub(crate) use flood::flood;
pub(crate) use receive::{receive, receive_data};
pub(crate) use server::{TOKEN, TestServer, listen};
pub(crate) use until::{PATIENCE, until_async};
