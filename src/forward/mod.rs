//! The exports of the forward engine.

mod create;
mod engine;
mod http_api;
mod info;
mod ports;
mod saved;
mod timing;
mod typed;
