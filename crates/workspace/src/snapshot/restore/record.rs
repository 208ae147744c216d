//! The record of a restore that is under way, beside the store: the next operation finishes what a crash has cut off.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::file::sync_all;
use crate::snapshot::system::{patiently, persist, sync_path};

/// The file in the store's directory.
const NAME: &str = "restore.json";

/// How far the restore has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Step {
    /// No file of the workspace has been touched: it is given up.
    Reading,
    /// Some files may be those of the snapshot, some not: it is finished.
    Replacing,
}

/// A restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) commit_hash: String,
    pub(super) safety_commit: String,
    pub(super) step: Step,
}

/// Whether a restore was cut off.
pub(crate) fn is_unfinished(place: &Path) -> bool {
    fs::symlink_metadata(place.join(NAME)).is_ok()
}

impl Record {
    /// The record, if there is one. One that cannot be read is none: it is written by rename.
    pub(super) fn read(place: &Path) -> io::Result<Option<Self>> {
        match fs::read(place.join(NAME)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts it on the disk.
    pub(super) fn write(&self, place: &Path) -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix("restore-")
            .tempfile_in(place)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        sync_all(file.as_file())?;
        persist(file, &place.join(NAME))?;
        sync_path(place)
    }

    /// The restore has ended.
    pub(super) fn remove(place: &Path) -> io::Result<()> {
        match patiently(|| fs::remove_file(place.join(NAME))) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => sync_path(place),
        }
    }
}
