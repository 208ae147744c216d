//! The root: the one directory of a workspace, and the only way from a client's path to anything in it.
//!
//! It is held open, and every path is resolved beneath that descriptor by `cap-std` (`openat2` with
//! `RESOLVE_BENEATH` on Linux, component by component elsewhere). Nothing is checked first and used later, so
//! there is no moment at which a component could be swapped for a link that leads out.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf, is_separator};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use loopwire_channel::CommandError;

use super::directory::Directory;
use super::error::{invalid, is_escape, not_a_file, outside, refusal};
use super::identity::Identity;
use super::location::Location;

/// The longest path that is looked at: as long as Linux takes one. Longer ones fail there anyhow, and
/// only after work.
const MAX_PATH_BYTES: usize = 4096;

/// How many links the last component may lead through: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// The root directory of a workspace. Its clones are the same.
#[derive(Clone)]
pub struct Root(Arc<RootInner>);

struct RootInner {
    dir: Dir,
    /// Canonical.
    path: PathBuf,
    /// As the application said it, made absolute: its clients know it by that name.
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
    /// What the system says: above all that there is no such directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        let given = std::path::absolute(path)?;
        let path = fs::canonicalize(path)?;
        let dir = Dir::open_ambient_dir(&path, ambient_authority())?;
        let identity = Identity::of(&dir.try_clone()?.into_std_file().metadata()?);
        Ok(Self(Arc::new(RootInner {
            dir,
            path,
            given,
            identity,
        })))
    }

    /// Its canonical path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Finds a directory for a terminal to start in. The root itself is `.`.
    ///
    /// # Errors
    /// `PATH_OUTSIDE`, `PATH_INVALID`, `NOT_FOUND`, `NOT_A_DIRECTORY`, `NOT_PERMITTED`, `ROOT_GONE`, `IO_ERROR`.
    pub fn directory(&self, path: &str) -> Result<Directory, CommandError> {
        let relative = self.relative(path)?;
        let dir = self.reach(&relative, |dir, path| dir.open_dir(path))?;
        // Its name is asked of the system, and the answer believed only if it is the name of the very
        // directory that was reached.
        let path =
            fs::canonicalize(self.path().join(&relative)).map_err(|error| refusal(&error))?;
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

    /// Uses `how` on the file that a path leads to, links followed.
    pub(crate) fn find<T>(
        &self,
        path: &str,
        how: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> Result<T, CommandError> {
        let relative = self.relative(path)?;
        if path.ends_with(is_separator) {
            return Err(not_a_file());
        }
        self.reach(&relative, how)
    }

    /// Where a file of that path is, or would be: a directory held open, and a name in it that is no link. A
    /// link is followed to where it points, so that writing to it changes what it points to, as it does for
    /// every other program.
    pub(crate) fn locate(&self, path: &str) -> Result<Location, CommandError> {
        let mut relative = self.relative(path)?;
        if path.ends_with(is_separator) {
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
            // A link's absolute target is taken as a client's would be, a relative one begins where it is.
            relative = match self.strip(&link) {
                Some(stripped) => stripped,
                None if link.is_absolute() => return Err(outside()),
                None => parent.join(link),
            };
        }
        Err(invalid("too many symbolic links"))
    }

    /// Makes the directories that a file of that path would need.
    pub(crate) fn make_parents(&self, path: &str) -> Result<(), CommandError> {
        let relative = self.relative(path)?;
        self.make_directory(parent(&relative)).map(drop)
    }

    fn make_directory(&self, relative: &Path) -> Result<Dir, CommandError> {
        match self.reach(relative, |dir, path| dir.open_dir(path)) {
            Err(missing) if missing.code == "NOT_FOUND" => {
                let Some(name) = relative.components().next_back() else {
                    return Err(missing);
                };
                let dir = self.make_directory(parent(relative))?;
                let made = match dir.create_dir(name) {
                    // Somebody else was quicker.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                    made => made,
                };
                made.and_then(|()| dir.open_dir(name))
                    .map_err(|error| refusal(&error))
            }
            reached => reached,
        }
    }

    /// A client's path as one relative to the root, by its text alone.
    fn relative(&self, text: &str) -> Result<PathBuf, CommandError> {
        if text.is_empty() {
            return Err(invalid("the path is empty"));
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(invalid("the path is too long"));
        }
        if text.contains('\0') {
            return Err(invalid("the path has a NUL in it"));
        }
        self.check()?;
        let path = Path::new(text);
        match self.strip(path) {
            Some(relative) => Ok(relative),
            None if path.has_root() || path.is_absolute() => Err(outside()),
            None => Ok(path.to_owned()),
        }
    }

    /// What is left of an absolute path behind the root's. None if it does not begin with that.
    fn strip(&self, path: &Path) -> Option<PathBuf> {
        let stripped = path.strip_prefix(&self.0.path);
        let relative = stripped
            .or_else(|_| path.strip_prefix(&self.0.given))
            .ok()?;
        Some(match relative.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => relative.to_owned(),
        })
    }

    fn reach<T>(
        &self,
        relative: &Path,
        how: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> Result<T, CommandError> {
        let reached = match how(&self.0.dir, relative) {
            Err(error) if is_escape(&error) => match self.without_links(relative) {
                Some(straight) => how(&self.0.dir, &straight),
                None => Err(error),
            },
            reached => reached,
        };
        reached.map_err(|error| refusal(&error))
    }

    /// The same path without links, if it stays inside: absolute links do not resolve beneath a descriptor, even
    /// where they point back into the root (as those of package managers do). What this returns is only text:
    /// it is resolved beneath the descriptor like any other. None for what its own text leads out of the root.
    fn without_links(&self, relative: &Path) -> Option<PathBuf> {
        let mut depth = 0_usize;
        for part in relative.components() {
            match part {
                Component::Normal(_) => depth += 1,
                Component::ParentDir => depth = depth.checked_sub(1)?,
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        // As far as it is there: whoever asks for what is missing behind such a link has to hear just that.
        let there = |path: &Path| {
            Some((
                path.to_owned(),
                fs::canonicalize(self.path().join(path)).ok()?,
            ))
        };
        let (path, canonical) = relative.ancestors().find_map(there)?;
        let rest = relative.strip_prefix(path).ok()?;
        Some(self.strip(&canonical)?.join(rest).components().collect())
    }

    /// Whether the root is still where it was. Beneath the descriptor work would go on in a directory that nobody
    /// sees, and terminals would start in another one.
    fn check(&self) -> Result<(), CommandError> {
        match fs::metadata(self.path()) {
            Ok(metadata) if Identity::of(&metadata) == self.0.identity => Ok(()),
            _ => Err(CommandError::new(
                "ROOT_GONE",
                "the workspace's root directory was deleted or replaced; the application has to open the \
                 workspace again",
            )),
        }
    }
}

/// Where the last component of a relative path is.
fn parent(relative: &Path) -> &Path {
    match relative.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
