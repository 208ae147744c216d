//! Pseudo terminals (PTY), in which commands with a screen run.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags};
#[cfg(not(target_vendor = "apple"))]
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use tokio::io::Interest;

#[cfg(target_vendor = "apple")]
use super::apple::openpt;
use super::stream::StreamEnd;

/// ^D, if the terminal does not tell its end-of-file character.
const END_OF_FILE: u8 = 4;

/// The master of a command's PTY.
#[derive(Debug)]
pub(crate) struct Pty(StreamEnd);

impl Pty {
    /// What the command puts out.
    pub(crate) const fn output(&self) -> &StreamEnd {
        &self.0
    }

    /// What is typed.
    pub(crate) const fn input(&self) -> &StreamEnd {
        &self.0
    }

    /// Sets the size; the processes in it get SIGWINCH.
    pub(crate) fn resize(&self, cols: u16, rows: u16) {
        let _ = resize(self.0.descriptor(), cols, rows);
    }

    /// What ends the input: at the start of a line one end-of-file character. Inside a line the first one only completes
    /// the line.
    pub(crate) fn end_of_file(&self, line_began: bool) -> Vec<u8> {
        let code = modes(self.descriptor()).map_or(END_OF_FILE, |all| all.c_cc[libc::VEOF]);
        vec![code; if line_began { 1 } else { 2 }]
    }

    /// No process of the command is left. Its output ends by itself.
    #[expect(
        clippy::unused_self,
        reason = "on Windows the console has to be closed"
    )]
    pub(crate) const fn session_gone(&self) {}

    pub(super) fn descriptor(&self) -> &OwnedFd {
        self.0.descriptor()
    }
}

/// Gives a command a PTY of that size. Returns the master.
pub(super) fn pty(command: &mut Command, (cols, rows): (u16, u16)) -> io::Result<Pty> {
    let master = openpt()?;
    rustix::pty::grantpt(&master)?;
    rustix::pty::unlockpt(&master)?;
    let name = rustix::pty::ptsname(&master, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let slave = rustix::fs::open(name, flags, Mode::empty())?;
    resize(&master, cols, rows)?;
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    erase_whole_characters(&slave)?;
    command.stdin(Stdio::from(slave.try_clone()?));
    command.stdout(Stdio::from(slave.try_clone()?));
    command.stderr(Stdio::from(slave));
    StreamEnd::new(master, Interest::READABLE | Interest::WRITABLE).map(Pty)
}

/// The master of a new PTY, which no child inherits.
#[cfg(not(target_vendor = "apple"))]
fn openpt() -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    Ok(rustix::pty::openpt(flags)?)
}

/// Tells the line discipline that input is UTF-8: the erase key removes a character then, not a byte. Every terminal
/// emulator sets this.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn erase_whole_characters(slave: &OwnedFd) -> io::Result<()> {
    let mut modes = modes(slave)?;
    modes.c_iflag |= libc::IUTF8;
    #[expect(unsafe_code, reason = "reads the modes")]
    let set = unsafe { libc::tcsetattr(slave.as_raw_fd(), libc::TCSANOW, &raw const modes) };
    if set != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// What the line discipline does.
///
/// The C library asks by TCGETS. rustix asks by TCGETS2, which qemu's emulation of another processor does not implement
/// (7.2), in which containers run that are made for that processor.
fn modes(end: &impl AsRawFd) -> io::Result<libc::termios> {
    let mut modes = MaybeUninit::<libc::termios>::uninit();
    #[expect(unsafe_code, reason = "writes the modes, or fails")]
    let asked = unsafe { libc::tcgetattr(end.as_raw_fd(), modes.as_mut_ptr()) };
    if asked != 0 {
        return Err(io::Error::last_os_error());
    }
    #[expect(unsafe_code, reason = "tcgetattr has written all of it")]
    Ok(unsafe { modes.assume_init() })
}

fn resize(master: &OwnedFd, cols: u16, rows: u16) -> io::Result<()> {
    let size = Winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    Ok(rustix::termios::tcsetwinsize(master, size)?)
}
