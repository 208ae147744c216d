//! The root directory of a workspace, and the resolution of a client's path beneath it.
//!
//! The directory is held open, and `cap-std` resolves every path beneath that descriptor (`openat2` with
//! `RESOLVE_BENEATH` on Linux, component by component elsewhere). No path is checked first and used later, so that
//! there is no moment at which a component could be replaced by a link that leads out.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf, is_separator};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use loopwire_channel::CommandError;
use parking_lot::Mutex;

use super::canonical::canonicalize;
use super::directory::Directory;
use super::error::{invalid, is_escape, is_missing, not_a_file, outside, refusal};
use super::identity::Identity;
use super::location::Location;
#[cfg(windows)]
use super::names;

/// The longest path that is accepted: the limit of Linux. A longer one would fail later, after more work.
const MAX_PATH_BYTES: usize = 4096;

/// How many symbolic links are followed from the last component: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// The root directory of a workspace. Clones share it.
#[derive(Clone)]
pub struct Root(Arc<RootInner>);

struct RootInner {
    /// `None` when the workspace is closed.
    dir: Mutex<Option<Arc<Dir>>>,
    /// Canonical.
    path: PathBuf,
    /// The path that the application gave, made absolute: clients may use it, too.
    given: PathBuf,
    identity: Identity,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Root").field(&self.0.path).finish()
    }
}

impl Root {
    /// Opens a directory as the root.
    ///
    /// # Errors
    /// The system's error, for example because the directory does not exist.
    pub fn open(path: &Path) -> io::Result<Self> {
        let given = std::path::absolute(path)?;
        let path = canonicalize(path)?;
        let dir = Dir::open_ambient_dir(&path, ambient_authority())?;
        let identity = Identity::of(&dir.try_clone()?.into_std_file().metadata()?);
        Ok(Self(Arc::new(RootInner {
            dir: Mutex::new(Some(Arc::new(dir))),
            path,
            given,
            identity,
        })))
    }

    /// Closes the descriptor: the workspace is closed, and nothing is found in it any more.
    pub(crate) fn close(&self) {
        drop(self.0.dir.lock().take());
    }

    /// Its canonical path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The directory that is open, for what works on all of it. Its path still leads there.
    pub(crate) fn opened(&self) -> Result<Arc<Dir>, CommandError> {
        self.check()?;
        self.descriptor()
    }

    /// The path that the application gave, made absolute.
    pub(crate) fn given(&self) -> &Path {
        &self.0.given
    }

    /// Finds a directory for a terminal to start in. The root itself is `.`.
    ///
    /// # Errors
    /// `PATH_OUTSIDE`, `PATH_INVALID`, `NOT_FOUND`, `NOT_A_DIRECTORY`, `NOT_PERMITTED`, `ROOT_GONE`, `IO_ERROR`.
    pub fn directory(&self, path: &str) -> Result<Directory, CommandError> {
        let relative = self.relative(path)?;
        let dir = self.reach(&relative, |dir, path| dir.open_dir(path))?;
        // The canonical path comes from the system. It is used only if it leads to the very directory that was
        // opened.
        let path = canonicalize(&self.path().join(&relative)).map_err(|error| refusal(&error))?;
        let reached = dir.try_clone().map(Dir::into_std_file);
        let reached = reached.and_then(|file| file.metadata());
        let same = Identity::of(&reached.map_err(|error| refusal(&error))?)
            == Identity::of(&fs::metadata(&path).map_err(|error| refusal(&error))?);
        if same && path.starts_with(self.path()) {
            Ok(Directory { path, dir })
        } else {
            Err(outside())
        }
    }

    /// Calls `how` with the path, resolved beneath the root. Links are followed.
    pub(crate) fn find<T>(
        &self,
        path: &str,
        how: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> Result<T, CommandError> {
        let relative = self.relative(path)?;
        if names_directory(path) {
            return Err(not_a_file());
        }
        self.reach(&relative, how)
    }

    /// The location of the file, whether it exists or not: its directory, held open, and its name there. A link is
    /// followed, so that writing to it changes the file that it points to, as in every other program.
    pub(crate) fn locate(&self, path: &str) -> Result<Location, CommandError> {
        let mut relative = self.relative(path)?;
        if names_directory(path) {
            return Err(not_a_file());
        }
        for _ in 0..MAX_LINKS {
            let Some(Component::Normal(name)) = relative.components().next_back() else {
                return Err(not_a_file());
            };
            let name = PathBuf::from(name);
            let parent = parent(&relative);
            let dir = self.reach(parent, |dir, path| dir.open_dir(path))?;
            let link = match dir.symlink_metadata(&name) {
                Ok(metadata) if metadata.is_symlink() => {
                    let link = dir.read_link_contents(&name);
                    link.map_err(|error| refusal(&error))?
                }
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(refusal(&error)),
                _ => return Ok(Location { dir, name }),
            };
            if names_directory(&link.to_string_lossy()) {
                return Err(not_a_file());
            }
            // An absolute target is treated like a client's absolute path; a relative one starts in the link's
            // directory.
            relative = match self.strip(&link) {
                Some(stripped) => stripped,
                None if is_outside(&link.to_string_lossy()) => return Err(outside()),
                None => parent.join(link),
            };
            self.check_names(&relative)?;
        }
        Err(invalid("too many symbolic links"))
    }

    /// Creates the missing parent directories of a path.
    pub(crate) fn make_parents(&self, path: &str) -> Result<(), CommandError> {
        let relative = self.relative(path)?;
        let last = relative.components().next_back();
        if names_directory(path) || !matches!(last, Some(Component::Normal(_))) {
            return Err(not_a_file());
        }
        self.make_directory(parent(&relative)).map(drop)
    }

    fn make_directory(&self, relative: &Path) -> Result<Dir, CommandError> {
        match self.reach(relative, |dir, path| dir.open_dir(path)) {
            Err(missing) if missing.code == "NOT_FOUND" => {
                let Some(name) = relative.components().next_back() else {
                    return Err(missing);
                };
                let dir = self.make_directory(parent(relative))?;
                // `..` is not made, but found once the directory before it is there.
                if !matches!(name, Component::Normal(_)) {
                    return self.reach(relative, |dir, path| dir.open_dir(path));
                }
                let made = match dir.create_dir(name) {
                    // Another process created it meanwhile.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                    made => made,
                };
                made.and_then(|()| dir.open_dir(name))
                    .map_err(|error| refusal(&error))
            }
            reached => reached,
        }
    }

    /// A client's path relative to the root. Only its text is looked at.
    fn relative(&self, text: &str) -> Result<PathBuf, CommandError> {
        if text.is_empty() {
            return Err(invalid("the path is empty"));
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(invalid("the path is too long"));
        }
        if text.contains('\0') {
            return Err(invalid("the path contains a NUL character"));
        }
        self.check()?;
        let path = Path::new(text);
        let relative = match self.strip(path) {
            Some(relative) => relative,
            None if is_outside(text) => return Err(outside()),
            None => path.to_owned(),
        };
        self.check_names(&relative)?;
        Ok(relative)
    }

    /// Refuses a relative path with a name that means something else than it says.
    #[cfg(windows)]
    fn check_names(&self, relative: &Path) -> Result<(), CommandError> {
        let text = relative.to_str().unwrap_or_default();
        names::check(text).map_err(|names::Wrong(message)| invalid(message))?;
        super::short::check(&*self.descriptor()?, relative)
    }

    /// On other systems every name is itself.
    #[cfg(not(windows))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as on Windows"
    )]
    const fn check_names(&self, _relative: &Path) -> Result<(), CommandError> {
        Ok(())
    }

    /// The rest of an absolute path behind the root's path. `None` if it does not begin with that.
    fn strip(&self, path: &Path) -> Option<PathBuf> {
        let bases = [&self.0.path, &self.0.given];
        bases.iter().find_map(|base| within(path, base))
    }

    fn descriptor(&self) -> Result<Arc<Dir>, CommandError> {
        let dir = self.0.dir.lock().clone();
        dir.ok_or_else(|| {
            CommandError::new("NO_WORKSPACE", "the application has closed the workspace")
        })
    }

    fn reach<T>(
        &self,
        relative: &Path,
        how: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> Result<T, CommandError> {
        let dir = self.descriptor()?;
        let reached = match how(&dir, relative) {
            Err(error) if is_escape(&error) => {
                self.without_links(relative)
                    .and_then(|straight| match straight {
                        Some(straight) => how(&dir, &straight),
                        None => Err(error),
                    })
            }
            reached => reached,
        };
        reached.map_err(|error| refusal(&error))
    }

    /// The same path with its links resolved, if it stays inside. Absolute links do not resolve beneath a descriptor,
    /// even if they point back into the root (as package managers make them). The result is only text: it is resolved
    /// beneath the descriptor like any other path. `None` if the text alone leads out of the root; an error if the
    /// system could not look.
    fn without_links(&self, relative: &Path) -> io::Result<Option<PathBuf>> {
        let mut depth = 0_usize;
        for part in relative.components() {
            match part {
                Component::Normal(_) => depth += 1,
                Component::ParentDir if depth > 0 => depth -= 1,
                Component::CurDir => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Ok(None);
                }
            }
        }
        // The longest part that exists: what is missing behind such a link must be reported as missing.
        for path in relative.ancestors() {
            let canonical = match canonicalize(&self.path().join(path)) {
                Ok(canonical) => canonical,
                Err(error) if is_missing(&error) => continue,
                Err(error) => return Err(error),
            };
            let rest = relative.strip_prefix(path).unwrap_or(Path::new(""));
            let inside = self.strip(&canonical);
            return Ok(inside.map(|inside| inside.join(rest).components().collect()));
        }
        Ok(None)
    }

    /// Checks that the root's path still leads to the directory that is open. Otherwise files would go into a
    /// directory that nobody can see, while terminals start in another one.
    fn check(&self) -> Result<(), CommandError> {
        match fs::metadata(self.path()) {
            Ok(metadata) if Identity::of(&metadata) == self.0.identity => Ok(()),
            // The system could not look, which does not mean that the directory is gone.
            Err(error) if !is_missing(&error) || error.kind() == ErrorKind::PermissionDenied => {
                Err(refusal(&error)
                    .during("stat")
                    .at(self.path().to_string_lossy()))
            }
            _ => Err(CommandError::new(
                "ROOT_GONE",
                "the workspace's root directory was deleted or replaced; the application has to open the \
                 workspace again",
            )
            .at(self.path().to_string_lossy())),
        }
    }
}

/// The rest of an absolute path behind another one; `.` if nothing is left.
#[cfg(not(windows))]
fn within(path: &Path, base: &Path) -> Option<PathBuf> {
    let relative = path.strip_prefix(base).ok()?;
    Some(match relative.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => relative.to_owned(),
    })
}

/// The same where neither the case of a name nor its separators matter.
#[cfg(windows)]
fn within(path: &Path, base: &Path) -> Option<PathBuf> {
    names::within(path.to_str()?, base.to_str()?).map(PathBuf::from)
}

/// Whether a path that is not within the root is not relative to it either.
fn is_outside(path: &str) -> bool {
    #[cfg(windows)]
    return names::prefix(path) != names::Prefix::None;
    #[cfg(not(windows))]
    Path::new(path).has_root()
}

/// Whether a path can only lead to a directory, by its text: that is what a separator or `.` at its end means. A last
/// `..` is left to the system, which may find that it leads out.
fn names_directory(path: &str) -> bool {
    let mut backwards = path.chars().rev();
    match backwards.next() {
        Some('.') => backwards.next().is_none_or(is_separator),
        last => last.is_some_and(is_separator),
    }
}

/// The parent directory of a relative path.
fn parent(relative: &Path) -> &Path {
    match relative.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
