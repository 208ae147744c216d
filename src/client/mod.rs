//! The clients behind the command line. For it only; the package does not export them.

mod socket;
mod tail;
mod target;
