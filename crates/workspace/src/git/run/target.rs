//! The directory that a clone goes into. It is made before git starts, and removed again if the clone fails.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use loopwire_channel::CommandError;

use crate::root::{Directory, Root, refusal};

/// A directory for a clone. It is inside of the root, and held open: git is started in it, so that nobody can lead git
/// elsewhere by changing a directory on the way. Unless it is kept, dropping it removes what was made and what git has
/// left in it, also if git was killed and could not clean up. That blocks.
pub(super) struct Target {
    root: Root,
    directory: Directory,
    /// The directories that were made for it, the innermost first.
    made: Vec<String>,
    /// What is in it is the clone's.
    ours: AtomicBool,
    kept: AtomicBool,
}

impl Target {
    /// Makes the directory and its parents, unless they are there.
    pub(super) fn prepare(root: &Root, path: &str) -> Result<Self, CommandError> {
        let mut made = Vec::new();
        for path in Path::new(path).ancestors() {
            let path = match path.to_str() {
                Some("") | None => break,
                Some(path) => path,
            };
            match root.directory(path) {
                Err(missing) if missing.code == "NOT_FOUND" => made.push(path.to_owned()),
                _ => break,
            }
        }
        // The parent directories of something in it are the directory itself and its own parents.
        let there = match made.is_empty() {
            true => Ok(()),
            false => root.make_parents(&format!("{path}/x")),
        };
        match there.and_then(|()| root.directory(path)) {
            Ok(directory) => Ok(Self {
                root: root.clone(),
                directory,
                made,
                ours: AtomicBool::new(false),
                kept: AtomicBool::new(false),
            }),
            Err(why) => {
                remove(root, &made);
                let is_file = why.code == "NOT_A_DIRECTORY";
                Err(match is_file {
                    true => exists("the target, or a directory on the way to it, is a file"),
                    false => why,
                })
            }
        }
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Checks that nothing is in it. What is in it from now on is the clone's.
    pub(super) fn take(&self) -> Result<(), CommandError> {
        match self.directory.is_empty().map_err(|error| refusal(&error))? {
            true => {
                self.ours.store(true, Ordering::Release);
                Ok(())
            }
            false => Err(exists("the target directory is not empty")),
        }
    }

    /// Somebody else has put something into it.
    pub(super) fn give_back(&self) {
        self.ours.store(false, Ordering::Release);
    }

    /// The clone is complete.
    pub(super) fn keep(&self) {
        self.kept.store(true, Ordering::Release);
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.kept.load(Ordering::Acquire) {
            return;
        }
        if self.ours.load(Ordering::Acquire)
            && let Err(error) = self.directory.clear()
        {
            tracing::warn!(%error, "what a clone has left could not be removed");
        }
        remove(&self.root, &self.made);
    }
}

fn remove(root: &Root, made: &[String]) {
    for path in made {
        // Only if it is empty: somebody else may have put something there.
        let _ = root.find(path, |dir, path| dir.remove_dir(path));
    }
}

fn exists(message: &str) -> CommandError {
    CommandError::new("EXISTS", message)
}
