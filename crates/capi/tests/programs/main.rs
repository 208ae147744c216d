//! Programs of C and C++ that use the library as an application does.

#[path = "../support/mod.rs"]
mod support;

// The upstreams, which belong to the tests of the forward engine, use it; cargo-shear does not look there.
use base64 as _;

mod cycles;
mod inside;
mod memory;
mod page;
mod quick_start;
mod threads;
mod variants;
