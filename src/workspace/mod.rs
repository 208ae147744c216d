//! The exports of the workspace engine.

mod env;
mod terminal;
mod workspace;
