//! Runs a command in a PTY and throws its output away: one thread, which reads until nothing is left and waits for more.
//!
//! `discard COMMAND` prints one line of JSON: the bytes, the seconds until the end, the seconds of CPU of this process
//! alone, and how often it has read and waited.
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Instant;

/// A page of the kernel's is 4 KiB, whatever is asked for.
const BUFFER: usize = 64 << 10;

fn checked(result: libc::c_int) -> Result<libc::c_int> {
    match result {
        -1 => Err(Error::last_os_error()),
        result => Ok(result),
    }
}

/// A PTY of 80 by 24: both ends.
fn open() -> Result<(File, OwnedFd)> {
    let (mut master, mut slave) = (-1, -1);
    let size = libc::winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let none = std::ptr::null_mut();
    // SAFETY: both ends and the size are ours, and the rest may be null.
    checked(unsafe {
        libc::openpty(
            &raw mut master,
            &raw mut slave,
            none,
            none.cast(),
            &raw const size as *mut _,
        )
    })?;
    // SAFETY: they were just opened, and nobody else has them.
    let (master, slave) = unsafe { (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
    // SAFETY: a descriptor that is open.
    unsafe {
        checked(libc::fcntl(
            master.as_raw_fd(),
            libc::F_SETFD,
            libc::FD_CLOEXEC,
        ))?;
        checked(libc::fcntl(
            master.as_raw_fd(),
            libc::F_SETFL,
            libc::O_NONBLOCK,
        ))?;
    }
    Ok((master, slave))
}

/// Waits until there is something to read.
fn wait(master: &File) -> Result<()> {
    let mut one = libc::pollfd {
        fd: master.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one entry, which is ours.
    checked(unsafe { libc::poll(&raw mut one, 1, -1) })?;
    Ok(())
}

/// Seconds of CPU that this process has used.
fn cpu() -> f64 {
    // SAFETY: the call fills what it is given, which may be all zeros before.
    let used = unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut used);
        used
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(used.ru_utime) + seconds(used.ru_stime)
}

fn run(command: &str) -> Result<()> {
    let (mut master, slave) = open()?;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]);
    shell.stdin(Stdio::from(slave.try_clone()?));
    shell.stdout(Stdio::from(slave.try_clone()?));
    shell.stderr(Stdio::from(slave));
    // SAFETY: both calls are allowed between fork and exec.
    unsafe {
        shell.pre_exec(|| {
            checked(libc::setsid())?;
            checked(libc::ioctl(0, libc::TIOCSCTTY, 0))?;
            Ok(())
        });
    }
    let (started, before) = (Instant::now(), cpu());
    let mut child = shell.spawn()?;
    // The command's ends of the PTY must be the only ones, or there would be no end of the output.
    drop(shell);
    let mut buffer = vec![0; BUFFER];
    let (mut bytes, mut reads, mut waits) = (0_u64, 0_u64, 0_u64);
    loop {
        reads += 1;
        match master.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => bytes += read as u64,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                waits += 1;
                wait(&master)?;
            }
            Err(error) if error.raw_os_error() == Some(libc::EIO) => break,
            Err(error) => return Err(error),
        }
    }
    let (seconds, used) = (started.elapsed().as_secs_f64(), cpu() - before);
    child.wait()?;
    println!(
        r#"{{"bytes":{bytes},"seconds":{seconds},"cpu":{used},"reads":{reads},"waits":{waits}}}"#
    );
    Ok(())
}

fn main() {
    let command = std::env::args().nth(1).unwrap_or_default();
    if let Err(error) = run(&command) {
        eprintln!("Error: {error}");
        std::process::exit(1);
    }
}
