//! Output: the ring that keeps a terminal's last bytes, and the decoder that makes them text.

mod choice;
mod decode;
mod escape;
mod keyboard;
mod modes;
mod ring;
mod screen;
mod sgr;

pub(super) use decode::{Decoder, OVERRUN};
pub(super) use ring::Ring;
