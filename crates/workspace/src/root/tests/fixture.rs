//! A workspace with directories and files beside it that nobody may reach.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::root::Root;

/// A directory with a workspace `app` in it, and beside it what nobody may touch.
pub(super) struct Fixture {
    pub(super) dir: TempDir,
    pub(super) root: Root,
}

pub(super) const SECRET: &str = "the secret outside";

impl Fixture {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("app/src/deep")).unwrap();
        fs::create_dir_all(dir.path().join("apple")).unwrap();
        fs::create_dir_all(dir.path().join("outside/inner")).unwrap();
        for outside in [
            "secret",
            "apple/secret",
            "outside/secret",
            "outside/inner/secret",
        ] {
            fs::write(dir.path().join(outside), SECRET).unwrap();
        }
        fs::write(dir.path().join("app/src/x"), "x").unwrap();
        let root = Root::open(&dir.path().join("app")).unwrap();
        Self { dir, root }
    }

    pub(super) fn app(&self) -> &Path {
        self.root.path()
    }

    pub(super) fn read(&self, path: &str) -> Result<String, String> {
        let read = self.root.find(path, |dir, path| dir.read_to_string(path));
        read.map_err(|refusal| refusal.code.into_owned())
    }

    /// Where a file would be written, as far as the system knows its name.
    pub(super) fn place(&self, path: &str) -> Result<PathBuf, String> {
        let place = self.root.locate(path);
        let place = place.map_err(|refusal| refusal.code.into_owned())?;
        place.dir.write(&place.name, "written").unwrap();
        Ok(place.name)
    }

    pub(super) fn directory(&self, path: &str) -> Result<PathBuf, String> {
        let directory = self.root.directory(path);
        directory
            .map(|directory| directory.path().to_owned())
            .map_err(|refusal| refusal.code.into_owned())
    }

    /// Everything outside the workspace, by name and content.
    pub(super) fn outside(&self) -> Vec<(PathBuf, String)> {
        fn walk(dir: &Path, app: &Path, found: &mut Vec<(PathBuf, String)>) {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.canonicalize().is_ok_and(|path| path == app) {
                    continue;
                }
                if path.is_dir() && !path.is_symlink() {
                    walk(&path, app, found);
                } else {
                    let content = fs::read_to_string(&path).unwrap_or_default();
                    found.push((path, content));
                }
            }
        }
        let mut found = Vec::new();
        walk(self.dir.path(), self.app(), &mut found);
        found.sort();
        found
    }
}
