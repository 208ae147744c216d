//! Runs git, and reads what it says.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{Cause, CommandError};
use parking_lot::Mutex;

use crate::process::{Guardian, Program};
use crate::root::{is_out_of_descriptors, refusal};

use super::environment;
use super::invocation::Invocation;
use super::lines;
use super::output::{self, Output};
use super::version::{OLDEST, Version};

/// How long the last output of git is waited for once it has ended. Only a process that has left git's session can
/// still hold its output open, and nobody waits for what that says.
const DRAIN: Duration = Duration::from_millis(500);

/// How long git may take to say what does not need the network.
const ANSWER_PATIENCE: Duration = Duration::from_secs(20);

/// The user's git.
pub(crate) struct Tool {
    guardian: Arc<Guardian>,
    env: Vec<(String, String)>,
    /// It was found to be new enough.
    checked: Mutex<bool>,
}

impl Tool {
    pub(crate) fn new(guardian: Arc<Guardian>, env: Vec<(String, String)>) -> Self {
        Self {
            guardian,
            env,
            checked: Mutex::new(false),
        }
    }

    /// A variable that git gets from the application, or from this process.
    pub(crate) fn variable(&self, name: &str) -> Option<OsString> {
        let given = self.env.iter().rev().find(|(given, _)| given == name);
        let value = match given {
            Some((_, value)) => Some(value.into()),
            None => std::env::var_os(name),
        };
        value.filter(|value| !value.is_empty())
    }

    /// Checks once that git is there and new enough. A missing one is looked for again each time.
    pub(crate) async fn check(&self) -> Result<(), CommandError> {
        if *self.checked.lock() {
            return Ok(());
        }
        let invocation = Invocation {
            directory: "/".into(),
            arguments: vec!["--version".into()],
            ..Invocation::default()
        };
        let output = self.ask(invocation).await?;
        let said = output.line();
        let said = said.lines().next().unwrap_or_default();
        let problem = match Version::read(said).filter(|_| output.succeeded()) {
            Some(found) if found >= OLDEST => {
                *self.checked.lock() = true;
                return Ok(());
            }
            Some(_) => format!("{said} is too old: install git {OLDEST} or newer"),
            None => {
                let first = output.errors.front().map_or(said, String::as_str);
                format!("the git in PATH does not work ({first}): install git {OLDEST} or newer")
            }
        };
        Err(CommandError::new("GIT_NOT_FOUND", problem))
    }

    /// Runs git for an answer that it knows at once.
    pub(crate) async fn ask(&self, invocation: Invocation) -> Result<Output, CommandError> {
        let patience = async {
            tokio::time::sleep(ANSWER_PATIENCE).await;
            let seconds = ANSWER_PATIENCE.as_secs();
            CommandError::new("TIMED_OUT", format!("git did not answer in {seconds} s"))
        };
        self.run(invocation, patience, |_| false).await
    }

    /// Runs git to its end, or until `stop` says why it has to end. `is_progress` gets each line of its standard
    /// error; lines that are progress are not kept.
    pub(crate) async fn run(
        &self,
        invocation: Invocation,
        stop: impl Future<Output = CommandError>,
        mut is_progress: impl FnMut(&[u8]) -> bool,
    ) -> Result<Output, CommandError> {
        let started = self.program(invocation).start(&self.guardian).await;
        let running = started.map_err(|error| start_refusal(&error))?;
        let (stdout, stderr, mut end) = running.split();
        let (mut out, mut cut, mut errors) = (Vec::new(), false, VecDeque::new());
        let (stopped, exit) = {
            let mut read_all = pin!(async {
                let read_errors = lines::read(stderr, |line, stays| {
                    if !is_progress(line) && stays {
                        output::keep(&mut errors, line);
                    }
                });
                tokio::join!(output::read(stdout, &mut out, &mut cut), read_errors);
            });
            let (mut stop, mut read) = (pin!(stop), false);
            let stopped = loop {
                tokio::select! {
                    biased;
                    () = end.exited() => break None,
                    _ = &mut read_all, if !read => read = true,
                    why = &mut stop => break Some(why),
                }
            };
            // Reading goes on: what git has started must not wait for a reader while it is ended.
            let mut ending = pin!(end.end());
            let exit = loop {
                tokio::select! {
                    exit = &mut ending => break exit,
                    _ = &mut read_all, if !read => read = true,
                }
            };
            if !read {
                let _ = tokio::time::timeout(DRAIN, &mut read_all).await;
            }
            (stopped, exit)
        };
        match stopped {
            Some(why) => Err(why),
            None => Ok(Output {
                exit,
                out,
                cut,
                errors,
            }),
        }
    }

    fn program(&self, invocation: Invocation) -> Program {
        let mut argv: Vec<OsString> = vec![Program::GIT.into(), "--no-pager".into()];
        argv.extend(invocation.arguments);
        let mut variables = environment::variables(&self.env);
        variables.extend(invocation.variables);
        let settings = environment::settings(&invocation.settings);
        variables.push(("GIT_CONFIG_PARAMETERS".into(), settings));
        Program {
            argv,
            directory: invocation.directory,
            variables,
            input: false,
        }
    }
}

fn start_refusal(error: &io::Error) -> CommandError {
    let refusal = match error.kind() {
        io::ErrorKind::NotFound => CommandError::new(
            "GIT_NOT_FOUND",
            format!("there is no git in PATH: install git {OLDEST} or newer"),
        ),
        io::ErrorKind::Unsupported => {
            return CommandError::new("NOT_ENABLED", "this version has no git on this system");
        }
        _ if is_out_of_descriptors(error) => refusal(error),
        kind => CommandError::new("GIT_FAILED", format!("git could not be started: {kind}")),
    };
    refusal.because(Cause::of(error).during("spawn").at_path("git"))
}
