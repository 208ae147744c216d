//! Starts a command: in a job of its own, with pipes or a console, and without any handle of this process.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::OsStringExt as _;
use std::os::windows::io::OwnedHandle;
use std::path::PathBuf;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{ERROR_BAD_EXE_FORMAT, ERROR_ELEVATION_REQUIRED};

use super::console::Pty;
use super::create::{Creation, Streams};
use super::guardian::Guardian;
use super::job::Job;
use super::reaper::Reaper;
use super::session::{Session, SessionId};
use super::text::{ended, wide};
use super::{environment, pipe, shell};
use crate::process::command_line::{
    Kind, Refused, Variables, batch, candidates, is_cmd, kind, line,
};
use crate::process::shapes::Plan;
use crate::process::started::{Ends, Started};

/// Starts the command. Blocks while the process is created.
pub(crate) fn start(plan: &Plan, guardian: &Arc<Guardian>) -> io::Result<Started> {
    let permit = guardian.ensure_running()?;
    let Some((program, arguments)) = plan.argv.split_first() else {
        return Err(io::Error::other("the option shell is empty"));
    };
    let variables = environment::of(plan)?;
    let program = find(program, plan, &variables)?;
    let (program, line) = written(program, arguments)?;
    let mut streams = match plan.size {
        Some(size) => Made::Console(Pty::new(size)?),
        None => Made::pipes(plan.input)?,
    };
    let creation = Creation {
        program: ended(&program),
        line: ended(&line),
        environment: variables.block(),
        directory: ended(&wide(&plan.directory)),
        streams: streams.given()?,
    };
    let job = Job::of_command()?;
    let (process, pid) = creation.create(&permit, &job)?;
    let session = Arc::new(Session::new(SessionId(pid), process, job));
    Ok(Started {
        reaper: Reaper::new(session, guardian),
        ends: streams.ours(),
    })
}

/// The streams of a command: our ends and its own.
enum Made {
    Console(Pty),
    Pipes {
        ends: Ends,
        theirs: [OwnedHandle; 3],
    },
}

impl Made {
    fn pipes(input: bool) -> io::Result<Self> {
        let ((stdout, theirs_out), (stderr, theirs_err)) = (pipe::to_us()?, pipe::to_us()?);
        let (stdin, theirs_in) = match input {
            true => {
                let (stdin, theirs) = pipe::from_us()?;
                (Some(stdin), theirs)
            }
            false => (None, pipe::nothing()?),
        };
        Ok(Self::Pipes {
            ends: Ends::Pipes {
                stdin,
                stdout,
                stderr,
            },
            theirs: [theirs_in, theirs_out, theirs_err],
        })
    }

    /// What the process gets.
    fn given(&mut self) -> io::Result<Streams<'_>> {
        match self {
            Self::Console(pty) => {
                let console = pty.handle();
                let console = console.ok_or_else(|| io::Error::other("the console is closed"))?;
                Ok(Streams::Console(console))
            }
            Self::Pipes { theirs, .. } => {
                theirs.iter().try_for_each(pipe::inheritable)?;
                Ok(Streams::Pipes(theirs.each_ref()))
            }
        }
    }

    /// Our ends. Its own are closed.
    fn ours(self) -> Ends {
        match self {
            Self::Console(pty) => Ends::Pty(pty),
            Self::Pipes { ends, .. } => ends,
        }
    }
}

/// The file of a program.
fn find(program: &OsStr, plan: &Plan, variables: &Variables) -> io::Result<Vec<u16>> {
    let variable = |name: &str| variables.get(&wide(name)).unwrap_or_default();
    let candidates = candidates(&wide(program), variable("PATH"), variable("PATHEXT"))?;
    for candidate in candidates {
        // A path that is not absolute is one of the command's directory, as on other systems.
        let file = plan
            .directory
            .join(PathBuf::from(OsString::from_wide(&candidate)));
        if file.is_file() {
            return Ok(wide(file));
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// The file that the system is to load, and its command line.
fn written(program: Vec<u16>, arguments: &[OsString]) -> Result<(Vec<u16>, Vec<u16>), Refused> {
    let arguments: Vec<_> = arguments.iter().map(wide).collect();
    let each = || arguments.iter().map(|argument| &argument[..]);
    if kind(&program) == Kind::Batch {
        let cmd = wide(shell::cmd());
        let line = batch(&cmd, &program, each())?;
        return Ok((cmd, line));
    }
    let line = match is_cmd(&program) {
        true => crate::process::command_line::shell(&program, &arguments)?,
        false => line(&program, each())?,
    };
    Ok((program, line))
}

/// Why a command could not be started, without the system's own text.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.raw_os_error().map(i32::cast_unsigned) {
        Some(ERROR_BAD_EXE_FORMAT) => "this file is no program for this system".to_owned(),
        Some(ERROR_ELEVATION_REQUIRED) => {
            "the program needs the rights of an administrator".to_owned()
        }
        Some(_) => error.kind().to_string(),
        // Our own words.
        None => error.to_string(),
    }
}
