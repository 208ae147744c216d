//! Shared by the tests: compiles programs of C and C++ against the library, runs them, and says all that they said.
//!
//! ```ignore
//! let Some(program) = Program::new("smoke/first.c").build() else { return };
//! program.run().arg("8881").succeeds();
//! ```

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test file uses its part"
)]

pub mod folder;
#[path = "../../../forward/tests/support/ports.rs"]
pub mod ports;
pub mod process;
pub mod program;
pub mod proxies;
pub mod tools;
#[allow(clippy::unwrap_used, reason = "a test says what it expects")]
#[path = "../../../forward/tests/support/upstream.rs"]
pub mod upstream;
pub mod world;

pub use folder::Folder;
pub use ports::{free_port, free_row};
pub use process::{Ended, Run};
pub use program::{Built, Language, Linking, Program, VARIANTS, include, library};
pub use tools::{found, is_installed};
pub use world::{World, entry_named};

/// A line of a provider's list, as the upstreams ask for it.
pub fn entry(protocol: &str, at: std::net::SocketAddr, _more: &str) -> String {
    entry_named("up", protocol, at, "HK")
}

/// A number of an environment variable: the size of a test.
pub fn size(name: &str, default: u32) -> u32 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} must be a number: {text}")),
        Err(_) => default,
    }
}
