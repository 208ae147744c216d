//! What waits to go into a command.

use bytes::Bytes;
use loopwire_channel::Input;

/// Bytes that may wait to go into one command (text; binary input is counted at its connection).
pub(crate) const MAX_INPUT_BYTES: usize = 1 << 20;

/// Something to go in.
pub(crate) enum InputItem {
    Bytes(Bytes),
    /// Its connection's reader pauses while too much of these is under way.
    Input(Input),
    Eof,
}
