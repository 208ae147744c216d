//! Saved data: its directory, restoring and deleting it.

use std::path::Path;

use loopwire_runtime::argument as args;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Given, throwing};

/// Sets the directory in which forwarded ports are saved, so that `restoreData` can bring them back.
///
/// `dir` is a path; a missing directory is created. A forwarded port is saved before its Promise resolves; if that fails,
/// the request fails with `not saved` and nothing has changed. A removed port is deleted from the disk right after. Changes
/// that nobody waits for are written as soon as the disk has room, and a `fault` event says that they are not yet. The file
/// has mode 0600 and holds the port, the proxy's id, plan and filter, and a password only if the upstream was given to
/// `forward`. Settings (provider, range, port configurations) are not saved: the application sets them again. Returns 0, or
/// 1 with the text in `sdkGetLastError()`: the directory cannot be used, or another process uses it, whose id is in the
/// text. Throws `TypeError` if `dir` is not a string.
///
/// @example setSaveDataPath(path.join(app.getPath('userData'), 'loopwire'));
#[napi(catch_unwind, ts_args_type = "dir: string")]
pub fn set_save_data_path(env: Env, dir: Given<'_>) -> Result<i32> {
    let dir = throwing(&env, args::string(dir, "dir"))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_save_data_path(Path::new(&dir))))
}

/// Forwards the saved ports again. Call it after the settings are applied.
///
/// Returns 0 at once, or 1 if `setSaveDataPath` was not called. Each port that works causes `portStateUpdate`; each
/// that fails causes `proxyError` with its proxy's id. If the upstream fails, the port stays, is offline, and comes
/// back by itself. If the local port is in use or the provider does not answer, it is tried again later. If the
/// provider says that the proxy is gone, the port is removed (`portRemoved`). `restoreDone` follows when each port
/// was tried once.
///
/// @example restoreData();
#[napi(catch_unwind)]
pub fn restore_data(env: Env) -> Result<i32> {
    Ok(Environment::of(&env)?.ask(|engine| engine.restore_data()))
}

/// Deletes the saved data. Forwarded ports continue. Takes nothing and returns 0; no event follows.
///
/// @example cleanData();
#[napi(catch_unwind)]
pub fn clean_data(env: Env) -> Result<i32> {
    Environment::of(&env)?.runtime.clean_data();
    Ok(0)
}
