//! The Node addon: options in, callback out, errors mapped.

use napi_derive::napi;

/// The version of Loopwire, as `loopwire/<version>`.
#[napi(catch_unwind)]
pub fn get_version_info() -> String {
    concat!("loopwire/", env!("CARGO_PKG_VERSION")).to_owned()
}
