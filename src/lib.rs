//! The Node addon: options in, callback out, errors mapped. No behaviour of its own.
#![allow(
    unreachable_pub,
    reason = "napi-rs registers exports without anybody naming them"
)]
#![cfg_attr(
    test,
    allow(
        dead_code,
        unused_imports,
        reason = "napi-rs registers nothing in a test build"
    )
)]

mod args;
mod batch;
mod channel;
mod create;
mod doorbell;
mod engine;
mod environment;
mod errors;
mod http_api;
mod listener;
mod options;
mod ports;
mod promise;
mod publish;
mod saved;
mod tail;
mod terminal;
mod timing;
mod token;
mod typed;
mod workspace;

#[cfg(feature = "harness")]
mod harness;
