//! The input that waits for a command.

use bytes::Bytes;
use loopwire_channel::Input;

/// The most bytes of text input that may wait for one command, and the most of binary input for a command that does not
/// read. Other binary input is counted at its connection.
pub(crate) const MAX_INPUT_BYTES: usize = 1 << 20;

/// What a piece of input costs besides its bytes: its allocation, and its place in the queue. Without it, input that is
/// typed key by key would take a hundred times its bytes.
const OVERHEAD_BYTES: usize = 128;

/// What a piece of text input counts.
pub(crate) fn cost(bytes: &Bytes) -> usize {
    bytes.len() + OVERHEAD_BYTES
}

/// A piece of input.
pub(crate) enum InputItem {
    Bytes(Bytes),
    /// Binary input: its connection is not read while too much of it is under way.
    Input(Input),
    /// Binary input that its connection no longer counts.
    Held(Bytes),
    Eof,
}
