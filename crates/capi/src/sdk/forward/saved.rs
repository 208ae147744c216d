//! Saved data.

use crate::forward::{
    loopwire_forward_clean_data, loopwire_forward_restore_data, loopwire_forward_set_save_data_path,
};
use crate::sdk::default::on_default;
use crate::sdk::results::nothing;
use crate::sdk::types::LoopwireString;

/// Sets the directory in which forwarded ports are saved. `SDKGetLastError()` is empty if it was done; otherwise it says
/// why not. See `loopwire_forward_set_save_data_path`.
///
/// # Safety
/// `path` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetSaveDataPath(path: LoopwireString) {
    // SAFETY: as the caller has promised.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_set_save_data_path(runtime, path)
    }));
}

/// Forwards the saved ports again, in the background; `restoreDone` follows. Call it after the settings are applied.
/// `SDKGetLastError()` is empty if it was done; otherwise it says why not. See `loopwire_forward_restore_data`.
#[unsafe(no_mangle)]
pub extern "C" fn RestoreData() {
    // SAFETY: the default runtime stays during the call.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_restore_data(runtime)
    }));
}

/// Deletes the saved data. Forwarded ports continue. See `loopwire_forward_clean_data`.
#[unsafe(no_mangle)]
pub extern "C" fn CleanData() {
    // SAFETY: the default runtime stays during the call.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_clean_data(runtime)
    }));
}
