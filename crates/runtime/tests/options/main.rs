//! What every caller is told of its arguments and options, whatever language it is written in.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use loopwire_testing as _;

mod arguments;
mod failures;
mod given;
mod options;
mod words;
mod workspace;
