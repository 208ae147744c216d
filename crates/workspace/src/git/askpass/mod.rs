//! Credentials: git and ssh ask a tiny program, which asks us; the answer comes from the request or from its starter.

#[cfg(unix)]
mod answers;
#[cfg(not(unix))]
#[path = "askpass_absent.rs"]
mod askpass;
#[cfg(unix)]
mod askpass;
#[cfg(unix)]
mod directory;
mod prompt;
mod question;
mod questions;
#[cfg(unix)]
mod serve;
mod url;

#[cfg(all(test, unix))]
mod askpass_test;
#[cfg(test)]
mod prompt_test;

pub(super) use askpass::{Askpass, AskpassRequest, AskpassSession, quoted};
pub use prompt::QuestionKind;
pub use question::{Answer, MAX_ANSWER_BYTES, Question};
pub use questions::Asker;
pub(super) use questions::Starter;
