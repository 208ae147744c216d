//! Arguments: what a caller may give, whatever language it is written in. Checked before anything starts.

#[expect(clippy::module_inception, reason = "the noun of the room")]
mod argument;
mod number;
mod object;
mod ports;
mod text;

pub use argument::{Argument, Terms};
pub use number::{
    DAY, MAX_NUMBER, boolean, for_ever, function, integer, millis, number, size, switch,
};
pub use object::options;
pub use ports::{forwarded_port, port, ports};
pub use text::{MAX_ID_CHARS, bytes, id, id_or, json, string, string_or, strings, text};
