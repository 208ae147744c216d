//! The Node addon: options in, callback out, errors mapped. No behaviour of its own.
#![allow(
    unreachable_pub,
    reason = "napi-rs registers exports without anybody naming them"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "the exports are documented for TypeScript, where brackets are arrays"
)]
#![cfg_attr(
    test,
    allow(
        dead_code,
        unused_imports,
        reason = "napi-rs registers nothing in a test build"
    )
)]

mod channel;
mod client;
mod forward;
mod node;
mod workspace;

#[cfg(feature = "harness")]
mod harness;

use napi::bindgen_prelude::{Env, Object, Result};
use napi_derive::napi;

/// Called at each load, for each environment. napi-rs calls one such function: with two, the last.
#[napi(module_exports)]
pub fn load(exports: Object<'_>, env: Env) -> Result<()> {
    node::begin(env)?;
    channel::export_functions(&exports, env)
}
