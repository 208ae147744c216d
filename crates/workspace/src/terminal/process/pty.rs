//! Pseudo terminals (PTY), in which commands with a screen run.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;

#[cfg(target_vendor = "apple")]
use super::descriptors::close_on_exec;
use super::descriptors::does_not_block;

/// Gives a command a PTY of that size. Returns the master, which does not block.
pub(super) fn pty(command: &mut Command, (cols, rows): (u16, u16)) -> io::Result<OwnedFd> {
    #[cfg(not(target_vendor = "apple"))]
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    #[cfg(target_vendor = "apple")]
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let master = rustix::pty::openpt(flags)?;
    #[cfg(target_vendor = "apple")]
    close_on_exec(&master)?;
    rustix::pty::grantpt(&master)?;
    rustix::pty::unlockpt(&master)?;
    let name = rustix::pty::ptsname(&master, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let slave = rustix::fs::open(name, flags, Mode::empty())?;
    resize(&master, cols, rows)?;
    command.stdin(Stdio::from(slave.try_clone()?));
    command.stdout(Stdio::from(slave.try_clone()?));
    command.stderr(Stdio::from(slave));
    does_not_block(master)
}

/// Sets the size of a PTY; the processes in it get SIGWINCH.
pub(crate) fn resize(master: impl std::os::fd::AsFd, cols: u16, rows: u16) -> io::Result<()> {
    let size = Winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    Ok(rustix::termios::tcsetwinsize(master, size)?)
}
