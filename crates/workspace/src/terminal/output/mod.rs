//! Output: the ring that keeps a terminal's last bytes, and how they become text.

mod decode;
mod escape;
mod ring;

pub(super) use decode::{Decoder, OVERRUN};
pub(super) use ring::Ring;
