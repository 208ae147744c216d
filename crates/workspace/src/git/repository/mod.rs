//! A repository in the workspace: where it is, whether all of it is inside, and what its configuration would run.

mod config;
mod find;
mod inside;
mod nested;
mod rules;

pub(super) use config::Config;
pub(super) use find::Repository;
