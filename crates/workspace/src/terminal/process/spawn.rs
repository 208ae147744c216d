//! Starts a command: in a session of its own, with pipes or a PTY, and without any descriptor of this process.
//!
//! `portable-pty` does not fit: it allocates between fork and exec (which may hang when other threads run), lets
//! other children inherit the PTY's master, and gives no place to write to the guardian.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::descriptors::{does_not_block, keep_descriptors_back, pipe};
use super::guardian::{self, Guardian};
use super::id::SessionId;
use super::pty::pty;

/// Variables that must not reach a command: the token of `loopwire serve`, and the numbers of Node's descriptors that
/// it does not get.
const WITHHELD: [&str; 4] = [
    "LOOPWIRE_TOKEN",
    "NODE_CHANNEL_FD",
    "NODE_CHANNEL_SERIALIZATION_MODE",
    "NODE_UNIQUE_ID",
];

/// The capacity of the pipe of a command's output, if the system allows it. With the usual 64 KiB the command and the
/// reader wait for each other in turn; four times that is how far a terminal may be ahead in any case.
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 256 << 10;

/// The abilities of a terminal that xterm.js draws.
const TERM: [(&str, &str); 2] = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];

/// What to start.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The program and its arguments.
    pub(crate) argv: Vec<OsString>,
    pub(crate) directory: std::path::PathBuf,
    pub(crate) env: Vec<(String, String)>,
    /// Columns and rows if it runs in a PTY.
    pub(crate) size: Option<(u16, u16)>,
}

/// A command that was started, and our ends of its streams.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) session: SessionId,
    pub(crate) ends: Ends,
}

/// Our ends of a command's streams. They do not block.
#[derive(Debug)]
pub(crate) enum Ends {
    Pipes {
        stdin: OwnedFd,
        stdout: OwnedFd,
        stderr: OwnedFd,
    },
    Pty(OwnedFd),
}

/// The program and arguments that run `command`, or an interactive shell without one.
pub(crate) fn argv(shell: Option<&[String]>, command: Option<&str>) -> Vec<OsString> {
    let own = || std::env::var_os("SHELL").filter(|shell| !shell.is_empty());
    let own = || own().unwrap_or_else(|| "/bin/sh".into());
    let mut argv: Vec<OsString> = match (shell, command) {
        (Some(shell), _) => shell.iter().map(OsString::from).collect(),
        // A login shell, because an application has the PATH of the Finder and not that of the user.
        (None, Some(_)) if cfg!(target_os = "macos") => vec![own(), "-l".into(), "-c".into()],
        (None, None) if cfg!(target_os = "macos") => vec![own(), "-l".into()],
        (None, Some(_)) => vec!["/bin/sh".into(), "-c".into()],
        (None, None) => vec![own()],
    };
    argv.extend(command.map(OsString::from));
    argv
}

/// Starts the command. Blocks for a fork and an exec.
pub(crate) fn start(plan: &Plan, guardian: &Guardian) -> io::Result<Started> {
    let watch = guardian.ensure_running()?;
    let Some((program, arguments)) = plan.argv.split_first() else {
        return Err(io::Error::other("the option shell is empty"));
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&plan.directory);
    let terminal = TERM.iter().filter(|_| plan.size.is_some());
    command.envs(terminal.copied());
    command.envs(plan.env.iter().map(|(name, value)| (name, value)));
    let given = |name: &&&str| !plan.env.iter().any(|(given, _)| given == **name);
    for name in WITHHELD.iter().filter(given) {
        command.env_remove(name);
    }
    let ends = match plan.size {
        Some(size) => Ends::Pty(pty(&mut command, size)?),
        None => pipes(&mut command)?,
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
        command.pre_exec(move || prepare(in_pty, line));
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
    Ok(Started { session, ends })
}

/// Runs in the child, between fork and exec.
fn prepare(in_pty: bool, guardian: Option<RawFd>) -> io::Result<()> {
    rustix::process::setsid()?;
    #[expect(
        unsafe_code,
        reason = "sets dispositions of this process alone, which has one thread"
    )]
    unsafe {
        // The command must not inherit that this process ignores signals. A broken pipe to the guardian must not end
        // the child.
        for signal in 1..32 {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
    if let Some(pipe) = guardian {
        #[expect(
            unsafe_code,
            reason = "the fork has it, because the parent holds it meanwhile"
        )]
        guardian::send_own_line(unsafe { BorrowedFd::borrow_raw(pipe) });
    }
    #[expect(unsafe_code, reason = "as above")]
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
    if in_pty {
        #[expect(unsafe_code, reason = "the standard input was just put there")]
        let tty = unsafe { BorrowedFd::borrow_raw(0) };
        rustix::process::ioctl_tiocsctty(tty)?;
    }
    keep_descriptors_back();
    Ok(())
}

fn pipes(command: &mut Command) -> io::Result<Ends> {
    let ((theirs_in, stdin), (stdout, theirs_out), (stderr, theirs_err)) =
        (pipe()?, pipe()?, pipe()?);
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE_BYTES);
    command.stdin(Stdio::from(theirs_in));
    command.stdout(Stdio::from(theirs_out));
    command.stderr(Stdio::from(theirs_err));
    Ok(Ends::Pipes {
        stdin: does_not_block(stdin)?,
        stdout: does_not_block(stdout)?,
        stderr: does_not_block(stderr)?,
    })
}
