//! Where the store of a workspace is.

use std::env;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use loopwire_channel::CommandError;
use ring::digest::{SHA256, digest};

use crate::snapshot::error::{refused, store_error, store_failed};

use super::homes;

/// How many hexadecimal digits of the digest name a store: no two roots share 128 bits.
const DIGITS: usize = 32;

/// The directory of the store of this root.
pub(super) fn place(root: &Path, given: Option<&Path>) -> Result<PathBuf, CommandError> {
    homes::check(root)?;
    let stores = match given {
        Some(given) => std::path::absolute(given)
            .map_err(|error| store_error("the option snapshotDir is not a path", given, &error))?,
        None => default_directory()?,
    };
    let digest = digest(&SHA256, root.as_os_str().as_encoded_bytes());
    let name = HEXLOWER.encode(digest.as_ref());
    let place = stores.join(&name[..DIGITS]);
    // Both in the system's own form.
    #[cfg(windows)]
    let root = &root.canonicalize().unwrap_or_else(|_| root.to_owned());
    if real(&place).starts_with(root) {
        return Err(refused(
            "the snapshots would be stored inside of the workspace; set the option snapshotDir to a directory \
             outside of it",
        )
        .at(place.to_string_lossy()));
    }
    Ok(place)
}

/// The path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    for part in path.ancestors() {
        if let (Ok(canonical), Ok(rest)) = (part.canonicalize(), path.strip_prefix(part)) {
            return canonical.join(rest);
        }
    }
    path.to_owned()
}

fn default_directory() -> Result<PathBuf, CommandError> {
    let base = if cfg!(windows) {
        let local = env::var_os("LOCALAPPDATA").map(PathBuf::from);
        let local = local.filter(|path| path.is_absolute());
        local.or_else(|| Some(env::home_dir()?.join("AppData").join("Local")))
    } else if cfg!(target_os = "macos") {
        env::home_dir().map(|home| home.join("Library/Application Support"))
    } else {
        let state = env::var_os("XDG_STATE_HOME").map(PathBuf::from);
        // A relative path is invalid there.
        let state = state.filter(|path| path.is_absolute());
        state.or_else(|| Some(env::home_dir()?.join(".local/state")))
    };
    let base = base.filter(|base| base.is_absolute());
    let base = base.ok_or_else(|| {
        store_failed(
            "the user has no home directory to store snapshots in; set the option snapshotDir",
        )
    })?;
    Ok(base.join("loopwire").join("snapshots"))
}
