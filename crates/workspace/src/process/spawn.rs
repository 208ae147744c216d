//! Starts a command: in a session of its own, with pipes or a PTY, and without any descriptor of this process.
//!
//! `portable-pty` does not fit: it allocates between fork and exec (which may hang when other threads run), lets
//! other children inherit the PTY's master, and gives no place to write to the guardian.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::child;
use super::descriptors::{keep_descriptors_back, own_end, pipe};
use super::guardian::{self, Guardian};
use super::id::SessionId;
use super::pty::pty;
use super::table::ProcessTable;
use super::tracking;

/// The capacity of the pipe of a command's output, if the system allows it. With the usual 64 KiB the command and the
/// reader wait for each other in turn; four times that is how far a terminal may be ahead in any case.
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 256 << 10;

/// What to start.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The program and its arguments.
    pub(crate) argv: Vec<OsString>,
    pub(crate) directory: std::path::PathBuf,
    pub(crate) env: Vec<(String, String)>,
    /// More variables, with their value, or without one if the program must not have them. They win over `env`.
    pub(crate) variables: Vec<(OsString, Option<OsString>)>,
    /// Columns and rows if it runs in a PTY.
    pub(crate) size: Option<(u16, u16)>,
    /// Whether anybody can give it input. With pipes its input is at its end from the start otherwise.
    pub(crate) input: bool,
}

/// A command that was started, and our ends of its streams.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) session: SessionId,
    pub(crate) ends: Ends,
    /// Where its processes are looked for, if the system has such a table.
    pub(crate) table: Option<Arc<ProcessTable>>,
}

/// Our ends of a command's streams. They are registered with the event loop before the command starts: one that
/// cannot be served is not started.
#[derive(Debug)]
pub(crate) enum Ends {
    Pipes {
        /// `None` if the command's input is at its end from the start.
        stdin: Option<AsyncFd<OwnedFd>>,
        stdout: AsyncFd<OwnedFd>,
        stderr: AsyncFd<OwnedFd>,
    },
    Pty(AsyncFd<OwnedFd>),
}

/// Starts the command. Blocks for a fork and an exec.
pub(crate) fn start(plan: &Plan, guardian: &Guardian) -> io::Result<Started> {
    match try_to_start(plan, guardian) {
        // It has been replaced.
        Err(error) if guardian::is_lost(&error) => try_to_start(plan, guardian),
        result => result,
    }
}

fn try_to_start(plan: &Plan, guardian: &Guardian) -> io::Result<Started> {
    let watch = guardian.ensure_running()?;
    let Some((program, arguments)) = plan.argv.split_first() else {
        return Err(io::Error::other("the option shell is empty"));
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&plan.directory);
    child::set_environment(&mut command, &plan.env, plan.size.is_some());
    for (name, value) in &plan.variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let tracking = guardian.tracking();
    let inherited = std::env::var_os(tracking::VARIABLE);
    command.env(tracking::VARIABLE, tracking.value(inherited));
    let ends = match plan.size {
        Some(size) => Ends::Pty(pty(&mut command, size)?),
        None => pipes(&mut command, plan.input)?,
    };
    let (in_pty, line) = (
        plan.size.is_some(),
        watch.pipe().map(|pipe| pipe.as_raw_fd()),
    );
    #[expect(
        unsafe_code,
        reason = "only system calls that allocate nothing follow the fork"
    )]
    unsafe {
        command.pre_exec(move || {
            child::reset_signals();
            rustix::process::setsid()?;
            // From here on this process is found, and ended, by whoever ends the commands of the workspace.
            tracking.set_limit();
            prepare(in_pty, line)
        });
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            // The child that failed to exec may have told the guardian of its session.
            drop(watch);
            guardian.replace(true)?;
            return Err(error);
        }
    };
    let Some(session) = SessionId::of_child(child.id()) else {
        child.kill()?;
        child.wait()?;
        return Err(io::Error::other("the process has no session of its own"));
    };
    guardian.session_started(session);
    let table = guardian.table();
    Ok(Started {
        session,
        ends,
        table,
    })
}

/// Runs in the child, between fork and exec.
fn prepare(in_pty: bool, guardian: Option<RawFd>) -> io::Result<()> {
    #[expect(
        unsafe_code,
        reason = "sets a disposition of this process alone, which has one thread"
    )]
    unsafe {
        // A broken pipe to the guardian must not end the child.
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
    let told = if let Some(pipe) = guardian {
        #[expect(
            unsafe_code,
            reason = "the fork has it, because the parent holds it meanwhile"
        )]
        guardian::send_own_line(unsafe { BorrowedFd::borrow_raw(pipe) })
    } else {
        Ok(())
    };
    #[expect(unsafe_code, reason = "as above")]
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
    told?;
    if in_pty {
        #[expect(unsafe_code, reason = "the standard input was just put there")]
        let tty = unsafe { BorrowedFd::borrow_raw(0) };
        rustix::process::ioctl_tiocsctty(tty)?;
    }
    keep_descriptors_back();
    Ok(())
}

fn pipes(command: &mut Command, input: bool) -> io::Result<Ends> {
    let ((stdout, theirs_out), (stderr, theirs_err)) = (pipe()?, pipe()?);
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE_BYTES);
    let stdin = if input {
        let (theirs_in, stdin) = pipe()?;
        command.stdin(Stdio::from(theirs_in));
        Some(own_end(stdin, Interest::WRITABLE)?)
    } else {
        // Not a pipe that is closed: some programs search their input instead of the files if it is one.
        command.stdin(Stdio::null());
        None
    };
    command.stdout(Stdio::from(theirs_out));
    command.stderr(Stdio::from(theirs_err));
    Ok(Ends::Pipes {
        stdin,
        stdout: own_end(stdout, Interest::READABLE)?,
        stderr: own_end(stderr, Interest::READABLE)?,
    })
}
