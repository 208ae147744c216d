//! Reading and writing whole files.

use std::ffi::{c_char, c_int};

use loopwire_runtime::argument as args;
use loopwire_runtime::{Failure, option};

use super::handle::{LoopwireWorkspace, workspace};
use super::output::{json_out, optional_out};
use super::shapes;
use crate::boundary::{
    Given, LoopwireResult, bytes_in, bytes_out, call, handle_out, len_out, text,
};

/// Reads a whole file. One that does not say how large it is, as those of `/proc`, is read to its end.
///
/// `path` is relative to the root, or absolute and inside it. `out` receives `out_len` bytes, and a NUL behind them, which does
/// not count; give it back with `loopwire_free`.
///
/// Fails with the codes `PATH_OUTSIDE`, `NOT_FOUND`, `NOT_A_FILE`, `FILE_TOO_LARGE`, `NOT_PERMITTED`, `NOT_ENABLED`,
/// `NO_WORKSPACE`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `path` is NULL or ends with a NUL; `out` and `out_len` are NULL or
/// can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_read_file(
    workspace: *const LoopwireWorkspace,
    path: *const c_char,
    out: *mut *mut u8,
    out_len: *mut usize,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, path) = unsafe {
            handle_out(out, "out")?;
            len_out(out_len, "out_len")?;
            (self::workspace(workspace)?, text(path, "path")?)
        };
        let path = args::string(path, "path")?;
        let files = workspace.files()?;
        let bytes = workspace.wait(async move {
            let read = files.read(&path, 0, None).await;
            read.map_err(|refusal| Failure::refused_at(&refusal, &path))
        })?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { bytes_out(out, out_len, &bytes) }
    })
}

/// Writes a whole file. It is renamed into place, so that readers see the old file or the new one, never a part.
///
/// It keeps the owner, the mode, the access control list and the extended attributes that it had; a file that cannot be replaced
/// and keep them is written in place. `data` are `len` bytes, or NULL for an empty file. `mode` is the mode that the file gets, 0
/// to 0777 (octal); -1 for the one that it has, or the usual one of a new file. `out` receives JSON text,
/// `{"path", "size", "sha256", "atomic"}`, to be given back with `loopwire_free`; it may be NULL.
///
/// Fails as `loopwire_workspace_read_file` does, and with `FILE_TORN` if writing in place failed halfway.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `path` is NULL or ends with a NUL; `data` is NULL or has `len` bytes;
/// `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_write_file(
    workspace: *const LoopwireWorkspace,
    path: *const c_char,
    data: *const u8,
    len: usize,
    mode: c_int,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, path, data) = unsafe {
            optional_out(out, "out")?;
            (
                self::workspace(workspace)?,
                text(path, "path")?,
                bytes_in(data, len, "data", "len")?,
            )
        };
        let path = args::string(path, "path")?;
        let mode = match mode {
            -1 => None,
            mode => Some(option::file_mode(Given::Integer(mode.into()), "mode")?),
        };
        let (files, data) = (workspace.files()?, data.to_vec());
        let done = workspace.wait(async move {
            let written = files.write(&path, data, mode).await;
            written.map_err(|refusal| Failure::refused_at(&refusal, &path))
        })?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::written(&done)) }
    })
}
