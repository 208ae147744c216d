//! Processes that have left the session of their command.

mod ends;
mod ways;
