//! Checks that a repository is inside of the root, with all that git would write to or read objects from.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use loopwire_channel::CommandError;

use crate::root::{canonicalize, refusal};

/// The most entries of a repository that are looked at. Objects are not: a repository has fewer files besides them.
const MAX_ENTRIES: usize = 1_000_000;

/// The most repositories from which another one borrows objects. Git itself allows five in a row.
const MAX_ALTERNATES: usize = 64;

/// The longest `objects/info/alternates`: room for all of them with the longest paths.
const MAX_LIST_BYTES: u64 = 256 << 10;

/// Directories with many files, or with repositories, that git does not write to here.
const NOT_SEARCHED: [&str; 3] = ["modules", "lfs", "annex"];

/// Hooks are read alone, and people link them to where they keep theirs.
const HOOKS: &str = "hooks";

/// Resolves all links of a path, which must lead to something inside of the root.
pub(super) fn resolve(root: &Path, path: &Path) -> Result<PathBuf, CommandError> {
    let found = canonicalize(path).map_err(|error| refusal(&error))?;
    match found.starts_with(root) {
        true => Ok(found),
        false => Err(outside("the repository, or its work tree, is")),
    }
}

fn outside(what: &str) -> CommandError {
    CommandError::new("PATH_OUTSIDE", format!("{what} outside of the workspace"))
}

/// Checks that no link in these directories leads out of the root: git writes to what a link points to.
pub(super) fn check_links(root: &Path, directories: &[&Path]) -> Result<(), CommandError> {
    let mut rest: Vec<PathBuf> = directories.iter().map(|one| (*one).to_owned()).collect();
    let mut seen = 0_usize;
    while let Some(directory) = rest.pop() {
        let entries = match fs::read_dir(&directory) {
            // Removed meanwhile, as lock files are.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(|error| refusal(&error))?,
        };
        let is_objects = directory.ends_with("objects");
        for entry in entries {
            let entry = entry.map_err(|error| refusal(&error))?;
            seen += 1;
            if seen > MAX_ENTRIES {
                return Err(CommandError::new(
                    "GIT_FAILED",
                    format!(
                        "the repository has more than {MAX_ENTRIES} files besides its objects; run git gc in it"
                    ),
                ));
            }
            let kind = match entry.file_type() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                kind => kind.map_err(|error| refusal(&error))?,
            };
            if entry.file_name() == HOOKS {
                continue;
            }
            if kind.is_symlink() && leads_out(root, &entry.path()) {
                return Err(outside("a link in the repository leads to a place"));
            }
            let searched = match is_objects {
                // In `objects` the directories are looked at, and not the many files in them. `info` has few, and
                // git's maintenance writes to them.
                true => entry.file_name() == "info",
                false => !NOT_SEARCHED.iter().any(|name| entry.file_name() == *name),
            };
            if kind.is_dir() && searched {
                rest.push(entry.path());
            }
        }
    }
    Ok(())
}

/// Whether a link leads out of the root. One that leads to nothing leads to where a file would be made.
fn leads_out(root: &Path, link: &Path) -> bool {
    let inside = |path: &Path| canonicalize(path).is_ok_and(|path| path.starts_with(root));
    if canonicalize(link).is_ok() {
        return !inside(link);
    }
    let target = fs::read_link(link).ok();
    let target = target.and_then(|target| Some(link.parent()?.join(target)));
    !target.is_some_and(|target| target.parent().is_some_and(inside))
}

/// Reads a list of places. `None` if it is no file, or longer than any list is: nothing is read without an end, and no
/// pipe is waited for.
fn read_list(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut listed = Vec::new();
    let most = MAX_LIST_BYTES + 1;
    fs::File::open(path)?.take(most).read_to_end(&mut listed)?;
    let fits = listed.len() < usize::try_from(most).unwrap_or(usize::MAX);
    Ok(fits.then_some(listed))
}

/// Checks that the repository does not borrow objects from outside of the root: it could send them to its remote.
pub(super) fn check_alternates(root: &Path, common: &Path) -> Result<(), CommandError> {
    let refused = || {
        let what = "objects/info/alternates of the repository names a place";
        Err(outside(what))
    };
    let (mut rest, mut seen) = (vec![common.join("objects")], BTreeSet::new());
    while let Some(objects) = rest.pop() {
        if !seen.insert(objects.clone()) {
            continue;
        }
        let listed = match read_list(&objects.join("info/alternates")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            listed => listed.map_err(|error| refusal(&error))?,
        };
        let Some(listed) = listed else {
            return refused();
        };
        for line in String::from_utf8_lossy(&listed).lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // Git would read the escapes in a quoted one.
            if line.starts_with('"') || seen.len() >= MAX_ALTERNATES {
                return refused();
            }
            match canonicalize(&objects.join(line)) {
                Ok(path) if path.starts_with(root) => rest.push(path),
                Ok(_) => return refused(),
                // Git says so, and goes on without.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(refusal(&error)),
            }
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_and_alternates_that_lead_out_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(dir.path()).unwrap();
        let (root, git) = (base.join("root"), base.join("root/.git"));
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::create_dir_all(git.join("objects/info")).unwrap();
        fs::create_dir_all(base.join("elsewhere")).unwrap();
        let links = || check_links(&root, &[&git, &git]);
        symlink("refs/heads/unborn", git.join("HEAD")).unwrap();
        assert!(links().is_ok(), "as git made it long ago");
        for (at, to) in [
            ("FETCH_HEAD", "../../elsewhere/new"),
            ("refs/heads/out", "../../../../elsewhere"),
            ("objects/ab", "../../../elsewhere"),
            ("logs", "/"),
            ("objects/info/commit-graphs", "../../../../elsewhere"),
            ("objects/info/alternates", "/dev/zero"),
        ] {
            symlink(to, git.join(at)).unwrap();
            assert_eq!(links().unwrap_err().code, "PATH_OUTSIDE", "{at}");
            fs::remove_file(git.join(at)).unwrap();
        }
        symlink("../../elsewhere", git.join("hooks")).unwrap();
        assert!(links().is_ok());
        let list = git.join("objects/info/alternates");
        for (lines, fits) in [
            ("# none\n\n", true),
            ("/gone/objects\n", true),
            ("../refs\n", true),
            ("../../../elsewhere\n", false),
            ("\"../../../elsewhere\"\n", false),
            ("/\n", false),
        ] {
            fs::write(&list, lines).unwrap();
            assert_eq!(check_alternates(&root, &git).is_ok(), fits, "{lines}");
        }
        // What never ends, and what never begins.
        fs::remove_file(&list).unwrap();
        symlink("/dev/zero", &list).unwrap();
        assert!(check_alternates(&root, &git).is_err());
        fs::remove_file(&list).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &list, rustix::fs::Mode::RUSR).unwrap();
        assert!(check_alternates(&root, &git).is_err());
        fs::remove_file(&list).unwrap();
        // Objects that are borrowed from a repository that borrows them itself.
        let other = root.join("other");
        fs::create_dir_all(other.join("info")).unwrap();
        fs::write(&list, other.to_str().unwrap()).unwrap();
        assert!(check_alternates(&root, &git).is_ok());
        fs::write(other.join("info/alternates"), "/\n").unwrap();
        assert!(check_alternates(&root, &git).is_err());
    }
}
