//! The functions of the SDK's page, with its names and prototypes. They use one default runtime, and each calls one function
//! that takes a handle.
#![allow(non_snake_case, reason = "the published names")]

mod communicate;
mod default;
mod engine;
mod events;
mod forward;
mod memory;
mod results;
mod types;
mod version;
