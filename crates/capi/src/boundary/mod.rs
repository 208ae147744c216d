//! The boundary to C: what comes in, what goes out, and what must not cross it.

mod call;
#[cfg(all(test, unix))]
mod call_test;
mod fork;
mod given;
#[cfg(test)]
mod given_test;
mod last_error;
mod output;
mod result;
#[cfg(test)]
mod result_test;
#[cfg(unix)]
mod signals;
#[cfg(not(unix))]
#[path = "signals_absent.rs"]
mod signals;
mod text;
mod version;

pub(crate) use call::{call, internal, quick, value};
pub(crate) use given::Given;
pub(crate) use last_error::{forget as forget_last_error, loopwire_last_error_message};
pub(crate) use output::{
    bytes_out, handle_out, len_out, loopwire_free, number_out, ports_out, text_out,
};
pub(crate) use result::LoopwireResult;
pub(crate) use signals::{CallbackMask, unblocked};
pub(crate) use text::{bytes_in, counted_text, json, optional_text, ports_in, text};
