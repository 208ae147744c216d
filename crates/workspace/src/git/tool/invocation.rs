//! One run of git.

use std::ffi::OsString;
use std::path::PathBuf;

/// Variables with their value, or without one if git must not have them.
pub(crate) type Variables = Vec<(OsString, Option<OsString>)>;

/// A key of git's configuration, and its value, as with `-c key=value`.
pub(crate) type Setting = (String, String);

/// One run of git.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invocation {
    pub(crate) directory: PathBuf,
    pub(crate) settings: Vec<Setting>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) variables: Variables,
}
