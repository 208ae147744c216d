//! The C library: numbers and texts in, results and callbacks out, failures become numbers. No behaviour of its own.
//!
//! The functions `loopwire_…` take handles; those with the names of the SDK's page use one default runtime, and each of
//! them calls one of the former. cbindgen makes `include/loopwire.h` of the comments here.
#![expect(
    unsafe_code,
    reason = "C gives pointers, and what they must be is written at each function"
)]
#![allow(unreachable_pub, reason = "the linker reaches them")]

mod boundary;
mod events;
mod forward;
mod listener;
mod runtime;
mod sdk;
mod sink;
mod workspace;
