//! Credentials: git and ssh ask a tiny program, which asks us; the answer comes from the request or from its starter.

#[cfg(unix)]
mod answers;
#[cfg(not(unix))]
#[path = "askpass_windows.rs"]
mod askpass;
#[cfg(unix)]
mod askpass;
#[cfg(unix)]
mod directory;
#[cfg_attr(windows, allow(dead_code, reason = "nothing is asked on Windows yet"))]
mod prompt;
#[cfg_attr(windows, allow(dead_code, reason = "nothing is asked on Windows yet"))]
mod question;
#[cfg_attr(windows, allow(dead_code, reason = "nothing is asked on Windows yet"))]
mod questions;
#[cfg(unix)]
mod serve;
#[cfg_attr(windows, allow(dead_code, reason = "nothing is asked on Windows yet"))]
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
