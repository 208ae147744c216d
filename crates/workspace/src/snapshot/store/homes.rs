//! Which roots are refused, because a snapshot of them would be one of the whole machine, or of a whole user.

use std::env;
use std::path::Path;

use loopwire_channel::CommandError;

use crate::root::canonicalize;
use crate::snapshot::error::refused;
use crate::snapshot::system::homes;

/// Refuses a root that is, or contains, a home directory.
pub(super) fn check(root: &Path) -> Result<(), CommandError> {
    allowed(root).map_err(|refusal| refusal.at(root.to_string_lossy()))
}

fn allowed(root: &Path) -> Result<(), CommandError> {
    if root.parent().is_none() {
        return Err(refused(
            "no snapshots are taken of the whole file system; open a project's directory",
        ));
    }
    let own = env::home_dir().filter(|home| home.is_absolute() && home.parent().is_some());
    let own = own.map(|home| canonicalize(&home).unwrap_or(home));
    if own.is_some_and(|home| home.starts_with(root)) {
        return Err(refused(
            "no snapshots are taken of the home directory; open a project's directory in it",
        ));
    }
    let (of_users, single) = homes();
    let other = single.iter().any(|home| home.starts_with(root))
        || (of_users.iter())
            .any(|users| users.starts_with(root) || root.parent() == Some(users.as_path()));
    match other {
        true => Err(refused(
            "no snapshots are taken of a user's home directory; open a project's directory in it",
        )),
        false => Ok(()),
    }
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn homes_and_what_contains_them_are_refused() {
        let own = env::home_dir().expect("a home");
        let own = own.canonicalize().unwrap_or(own);
        for path in ["/", "/home", "/home/somebody", "/Users/somebody", "/root"] {
            assert_eq!(
                check(Path::new(path)).unwrap_err().code,
                "ROOT_REFUSED",
                "{path}"
            );
        }
        if own.parent().is_some() {
            assert_eq!(check(&own).unwrap_err().code, "ROOT_REFUSED");
            assert!(check(&own.join("project")).is_ok());
        }
        for path in ["/home/somebody/project", "/opt/app", "/homework"] {
            assert!(check(Path::new(path)).is_ok(), "{path}");
        }
    }
}

#[cfg(all(test, windows))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod windows_tests {
    use super::*;

    #[test]
    fn homes_and_what_contains_them_are_refused() {
        let own = env::home_dir().expect("a home");
        let own = canonicalize(&own).unwrap_or(own);
        let users = own.parent().expect("a directory with homes");
        for path in [
            Path::new("C:\\"),
            users,
            users.join("other").as_path(),
            own.as_path(),
        ] {
            assert_eq!(check(path).unwrap_err().code, "ROOT_REFUSED", "{path:?}");
        }
        for path in [own.join("project"), Path::new("C:\\work").to_owned()] {
            assert!(check(&path).is_ok(), "{path:?}");
        }
    }
}
