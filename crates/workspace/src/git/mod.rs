//! Git: the user's own `git`, run for clients and for the application.

mod address;
mod askpass;
mod auth;
mod commands;
mod context;
mod error;
mod git;
mod operation;
mod progress;
mod register;
mod repository;
mod request;
mod run;
mod tool;
mod turns;

pub use askpass::{Answer, Asker, MAX_ANSWER_BYTES, Question, QuestionKind};
pub use auth::{Auth, Secret};
pub use git::Git;
pub use operation::{GitDone, Operation, Phase, Progress};
pub use request::{Action, Exchange, GitRequest};
