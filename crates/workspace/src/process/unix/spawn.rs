//! Starts a command: in a session of its own, with pipes or a PTY, and without any descriptor of this process.
//!
//! `portable-pty` does not fit: it allocates between fork and exec (which may hang when other threads run), lets
//! other children inherit the PTY's master, and gives no place to write to the guardian.

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustix::io::Errno;
use tokio::io::Interest;

use super::child;
use super::descriptors::{keep_descriptors_back, pipe, without_sigpipe};
use super::guardian::{self, Guardian};
use super::id::SessionId;
use super::pty::pty;
use super::reaper::Reaper;
use super::stream::StreamEnd;
use super::tracking;
use crate::process::shapes::Plan;
use crate::process::started::{Ends, Started};

/// The capacity of the pipe of a command's output, if the system allows it. With the usual 64 KiB the command and the
/// reader wait for each other in turn; four times that is how far a terminal may be ahead in any case.
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 256 << 10;

/// Starts the command. Blocks for a fork and an exec.
pub(crate) fn start(plan: &Plan, guardian: &Arc<Guardian>) -> io::Result<Started> {
    match try_to_start(plan, guardian) {
        // It has been replaced.
        Err(error) if guardian::is_lost(&error) => try_to_start(plan, guardian),
        result => result,
    }
}

fn try_to_start(plan: &Plan, guardian: &Arc<Guardian>) -> io::Result<Started> {
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
    let reaper = Reaper::new(session, guardian);
    Ok(Started { reaper, ends })
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
        without_sigpipe(&stdin);
        command.stdin(Stdio::from(theirs_in));
        Some(StreamEnd::new(stdin, Interest::WRITABLE)?)
    } else {
        // Not a pipe that is closed: some programs search their input instead of the files if it is one.
        command.stdin(Stdio::null());
        None
    };
    command.stdout(Stdio::from(theirs_out));
    command.stderr(Stdio::from(theirs_err));
    Ok(Ends::Pipes {
        stdin,
        stdout: StreamEnd::new(stdout, Interest::READABLE)?,
        stderr: StreamEnd::new(stderr, Interest::READABLE)?,
    })
}

/// Why a command could not be started, without the system's own text.
pub(crate) fn reason(error: &io::Error) -> String {
    match Errno::from_io_error(error) {
        Some(Errno::AGAIN) => "no more processes are allowed (ulimit -u)".to_owned(),
        Some(_) => error.kind().to_string(),
        // Our own words.
        None => error.to_string(),
    }
}
