//! Makes the pipes of a command.

use std::fs::{File, OpenOptions};
use std::future::Future as _;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, OwnedHandle};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rand::TryRng as _;
use rand::rngs::SysRng;
use tokio::net::windows::named_pipe::ServerOptions;
use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};
use windows_sys::Win32::Storage::FileSystem::SECURITY_IDENTIFICATION;

use super::job::checked;
use super::stream::StreamEnd;

/// The capacity of a pipe, as far as the system heeds it.
const PIPE_BYTES: u32 = 64 << 10;

/// A pipe that we read from: our end, and theirs.
pub(super) fn to_us() -> io::Result<(StreamEnd, OwnedHandle)> {
    pipe(true)
}

/// A pipe that we write to: our end, and theirs.
pub(super) fn from_us() -> io::Result<(StreamEnd, OwnedHandle)> {
    pipe(false)
}

/// An input that is at its end.
pub(super) fn nothing() -> io::Result<OwnedHandle> {
    OpenOptions::new().read(true).open("NUL").map(File::into)
}

fn pipe(to_us: bool) -> io::Result<(StreamEnd, OwnedHandle)> {
    // Nobody can guess it. Who finds it nevertheless is no second reader: there is one place, and if that is taken, the
    // pipe is of no use to us either.
    let mut name = [0; 16];
    SysRng.try_fill_bytes(&mut name).map_err(io::Error::other)?;
    let (own, random) = (std::process::id(), data_encoding::HEXLOWER.encode(&name));
    let name = format!(r"\\.\pipe\loopwire-{own}-{random}");
    let server = ServerOptions::new()
        .access_inbound(to_us)
        .access_outbound(!to_us)
        .first_pipe_instance(true)
        .reject_remote_clients(true)
        .max_instances(1)
        .in_buffer_size(PIPE_BYTES)
        .out_buffer_size(PIPE_BYTES)
        .create(&name)?;
    let theirs = OpenOptions::new()
        .read(!to_us)
        .write(to_us)
        .security_qos_flags(SECURITY_IDENTIFICATION)
        .open(&name)?;
    // Their end is there, so there is nothing to wait for.
    let connected = pin!(server.connect()).poll(&mut Context::from_waker(Waker::noop()));
    match connected {
        Poll::Ready(connected) => connected?,
        Poll::Pending => return Err(io::Error::other("a new pipe has no other end")),
    }
    Ok((StreamEnd::new(server), theirs.into()))
}

/// Lets a child that names the handle inherit it. It is closed as soon as the child has it: another part of this process
/// may start a process at the same time, which inherits whatever can be.
#[expect(unsafe_code, reason = "sets a flag of a handle that is open")]
pub(super) fn inheritable(handle: &OwnedHandle) -> io::Result<()> {
    let raw = handle.as_handle().as_raw_handle();
    // SAFETY: it is open.
    checked(unsafe { SetHandleInformation(raw, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) })
}
