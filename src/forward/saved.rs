//! Saved data: where it is kept, and what is done with it.

use std::path::Path;

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, args, throwing};

/// Sets the directory in which forwarded ports are kept, so that `restoreData` can bring them back.
///
/// `dir` is a path; it is made if it is missing. What is forwarded is saved there before its Promise resolves, and what is
/// removed is taken out right after: which port, which proxy id, plan and filter, and a password only if the upstream was given to
/// `forward` (file mode 0600). Settings (provider, range, port configurations) are the application's to reapply.
/// Returns 0, or 1 with the text in `sdkGetLastError()`: the directory cannot be used, or another process uses it,
/// whose id the text names. Throws `TypeError` unless it is a string.
///
/// @example setSaveDataPath(path.join(app.getPath('userData'), 'loopwire'));
#[napi(catch_unwind, ts_args_type = "dir: string")]
pub fn set_save_data_path(env: Env, dir: Unknown<'_>) -> Result<i32> {
    let dir = throwing(&env, args::string(dir, "dir"))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_save_data_path(Path::new(&dir))))
}

/// Forwards the saved ports again. To be called once the settings are applied.
///
/// Posts and returns 0, or 1 if `setSaveDataPath` has not been called. Each port that works gives `portStateUpdate`;
/// one that does not gives `proxyError` under its proxy id: if its upstream fails it is kept offline and comes back by
/// itself, if its port is busy or the provider is away it is tried again later, if the provider says that its
/// proxy is gone it is removed (`portRemoved`). `restoreDone` comes when each has been tried once (seed 000).
///
/// @example restoreData();
#[napi(catch_unwind)]
pub fn restore_data(env: Env) -> Result<i32> {
    Ok(Environment::of(&env)?.ask(|engine| engine.restore_data()))
}

/// Deletes the saved data; what is forwarded goes on. Returns 0. No event follows.
///
/// @example cleanData();
#[napi(catch_unwind)]
pub fn clean_data(env: Env) -> Result<i32> {
    if let Some(engine) = Environment::of(&env)?.runtime.started_forward() {
        engine.clean_data();
    }
    Ok(0)
}
