//! Terminals: commands that run in the workspace, their streams, and who is attached to them.

mod commands;
mod core;
mod halves;
mod handle;
mod launch;
mod life;
mod output;
mod register;
mod request;
mod terminals;
mod typed;
mod view;

pub use handle::Terminal;
pub use terminals::Terminals;
pub use view::Reader;
