//! Tests of the root: what stays inside is found, and nothing else, whoever swaps what meanwhile.
#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::root::Root;

/// A directory with a workspace `app` in it, and beside it what nobody may touch.
pub(crate) struct Ground {
    pub(crate) dir: TempDir,
    pub(crate) root: Root,
}

pub(crate) const SECRET: &str = "the secret outside";

impl Ground {
    pub(crate) fn new() -> Self {
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

    pub(crate) fn app(&self) -> &Path {
        self.root.path()
    }

    fn read(&self, path: &str) -> Result<String, String> {
        let read = self.root.find(path, |dir, path| dir.read_to_string(path));
        read.map_err(|refusal| refusal.code.into_owned())
    }

    /// Where a file would be written, as far as the system knows its name.
    fn place(&self, path: &str) -> Result<PathBuf, String> {
        let place = self.root.place(path);
        let place = place.map_err(|refusal| refusal.code.into_owned())?;
        place.dir.write(&place.name, "written").unwrap();
        Ok(place.name)
    }

    fn directory(&self, path: &str) -> Result<PathBuf, String> {
        let directory = self.root.directory(path);
        directory
            .map(|directory| directory.path().to_owned())
            .map_err(|refusal| refusal.code.into_owned())
    }

    /// Everything outside the workspace, by name and content.
    #[cfg(unix)]
    pub(crate) fn outside(&self) -> Vec<(PathBuf, String)> {
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

#[cfg(unix)]
mod links {
    use std::collections::HashSet;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    struct Stop<'a>(&'a AtomicBool);

    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// With links of every kind in it.
    fn linked() -> Ground {
        let ground = Ground::new();
        let (app, dir) = (ground.app(), ground.dir.path());
        let link = |target: &Path, name: &str| symlink(target, app.join(name)).unwrap();
        link(&dir.join("secret"), "absolute-file");
        link(&dir.join("outside"), "absolute-dir");
        link(Path::new("../secret"), "relative-file");
        link(Path::new("../outside"), "relative-dir");
        link(Path::new("../nothing-there"), "dangling-out");
        link(Path::new("absolute-dir"), "chain-out");
        link(Path::new("loop-b"), "loop-a");
        link(Path::new("loop-a"), "loop-b");
        link(Path::new("."), "here");
        link(Path::new(".."), "up");
        link(Path::new("/proc/self/root"), "magic");
        link(Path::new("/proc/self/cwd"), "magic-cwd");
        link(Path::new("src/x"), "inside-file");
        link(Path::new("src"), "inside-dir");
        link(&app.join("src"), "absolute-inside-dir");
        link(&app.join("src/x"), "absolute-inside-file");
        link(Path::new("src/new-by-link"), "dangling-in");
        link(
            &app.join("src/new-by-absolute-link"),
            "absolute-dangling-in",
        );
        link(Path::new("../../src/../../outside"), "src/deep/climbs");
        ground
    }

    #[test]
    fn nothing_outside_is_found_whatever_the_path_looks_like() {
        let ground = linked();
        let (app, dir) = (
            ground.app().to_owned(),
            ground.dir.path().canonicalize().unwrap(),
        );
        let (app, dir) = (app.to_str().unwrap(), dir.to_str().unwrap());
        let overlong = "a/".repeat(4096);
        let long_name = "a".repeat(256);
        let deep_up = "../".repeat(100) + "etc/passwd";
        let outside = [
            "..",
            "../",
            "../secret",
            "./../secret",
            "src/../../secret",
            "src/deep/../../../secret",
            "src/./.././../secret",
            "src//..//..//secret",
            "../app/src/x",
            "../apple/secret",
            "/",
            "//",
            "/etc/passwd",
            "//etc/passwd",
            "/./etc/passwd",
            "/proc/self/root/etc/passwd",
            "/proc/self/cwd",
            "/dev/stdin",
            &deep_up,
            &format!("{dir}/secret"),
            &format!("{dir}/apple/secret"),
            &format!("{app}/../secret"),
            &format!("{app}/src/../../secret"),
            &format!("{app}le/secret"),
            &format!("/proc/self/root{app}/src/x"),
            "absolute-file",
            "absolute-dir/secret",
            "absolute-dir/inner/../secret",
            "absolute-dir/../secret",
            "relative-file",
            "relative-dir/secret",
            "relative-dir/inner/secret",
            "chain-out/secret",
            "src/../chain-out/secret",
            "up/secret",
            "here/up/secret",
            "here/here/../../secret",
            "magic/etc/passwd",
            "magic-cwd/Cargo.toml",
            "src/deep/climbs/secret",
            "dangling-out",
        ];
        let invalid = [
            "",
            "\0",
            "src/x\0",
            "src/x\0.txt",
            &overlong,
            &long_name,
            "loop-a",
            "loop-a/x",
        ];
        let literal = [
            "file:///etc/passwd",
            "file://localhost/etc/passwd",
            "%2e%2e/secret",
            "..%2fsecret",
            "%2fetc%2fpasswd",
            "..\\secret",
            "~/secret",
            "~root",
            "$HOME/x",
            "‥/secret",
            "\u{2024}\u{2024}/secret",
            "．．/secret",
            "\u{202e}../secret",
            " ../secret",
            ".../secret",
        ];
        let before = ground.outside();
        let cases = (outside.iter().map(|path| (*path, "PATH_OUTSIDE")))
            .chain(invalid.iter().map(|path| (*path, "PATH_INVALID")))
            .chain(literal.iter().map(|path| (*path, "NOT_FOUND")));
        for (path, code) in cases {
            let shown = &path[..path.len().min(80)];
            let read = ground.read(path).unwrap_err();
            // As a directory that ends in a separator it is no file, wherever it is.
            let ends = path.ends_with('/') && code == "PATH_OUTSIDE";
            assert!(
                read == code || (ends && read == "NOT_A_FILE"),
                "read {shown:?}: {read}"
            );
            assert_eq!(ground.directory(path).unwrap_err(), code, "cwd {shown:?}");
            if code == "NOT_FOUND" && !path.contains('/') {
                continue; // A name like any other: writing makes it.
            }
            let placed = ground.place(path).unwrap_err();
            // Whatever ends in `..` is a directory.
            assert!(
                placed == code || placed == "NOT_A_FILE",
                "write {shown:?}: {placed}"
            );
        }
        assert_eq!(ground.outside(), before);
    }

    #[test]
    fn what_is_inside_is_found_by_every_name_that_it_has() {
        let ground = linked();
        let app = ground.app().to_str().unwrap().to_owned();
        for path in [
            "src/x",
            "./src/x",
            "src//x",
            "src/./x",
            "src/deep/../x",
            "src/../src/x",
            "here/here/src/x",
            "inside-file",
            "inside-dir/x",
            "inside-dir/deep/../x",
            "absolute-inside-dir/x",
            "absolute-inside-file",
            "here/absolute-inside-dir/deep/../x",
            &format!("{app}/src/x"),
            &format!("{app}//src/./x"),
            &format!("{app}/absolute-inside-dir/x"),
        ] {
            assert_eq!(ground.read(path).as_deref(), Ok("x"), "{path}");
            ground.place(path).unwrap();
            assert_eq!(
                fs::read_to_string(ground.app().join("src/x")).unwrap(),
                "written"
            );
            assert!(!ground.app().join("src/x").is_symlink());
            fs::write(ground.app().join("src/x"), "x").unwrap();
        }
        for link in ["inside-file", "absolute-inside-file", "inside-dir"] {
            assert!(ground.app().join(link).is_symlink(), "{link} was replaced");
        }
        assert_eq!(
            ground.read("absolute-inside-dir/none").unwrap_err(),
            "NOT_FOUND"
        );
        assert_eq!(
            ground.read("absolute-inside-dir/no/ne").unwrap_err(),
            "NOT_FOUND"
        );
        for (link, name) in [
            ("dangling-in", "new-by-link"),
            ("absolute-dangling-in", "new-by-absolute-link"),
        ] {
            assert_eq!(ground.place(link).unwrap(), Path::new(name));
            assert!(ground.app().join("src").join(name).is_file());
        }
        for (path, found) in [
            (".", ""),
            ("./", ""),
            (app.as_str(), ""),
            ("here", ""),
            ("src/..", ""),
            ("src/", "src"),
            ("inside-dir", "src"),
            ("absolute-inside-dir/deep", "src/deep"),
        ] {
            let expected: PathBuf = ground.app().join(found).components().collect();
            assert_eq!(ground.directory(path).unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn a_root_that_is_a_link_is_known_by_both_names() {
        let ground = Ground::new();
        let link = ground.dir.path().join("link");
        symlink(ground.app(), &link).unwrap();
        let root = Root::open(&link).unwrap();
        assert_eq!(root.path(), ground.app());
        for name in [&link, root.path()] {
            let path = name.join("src/x").to_str().unwrap().to_owned();
            let read = root.find(&path, |dir, path| dir.read_to_string(path));
            assert_eq!(read.unwrap(), "x");
        }
    }

    #[test]
    fn a_root_that_was_deleted_or_replaced_is_gone() {
        let ground = Ground::new();
        let away = ground.dir.path().join("away");
        fs::rename(ground.app(), &away).unwrap();
        assert_eq!(ground.read("src/x").unwrap_err(), "ROOT_GONE");
        fs::create_dir_all(ground.app().join("src")).unwrap();
        fs::write(ground.app().join("src/x"), "another").unwrap();
        assert_eq!(ground.read("src/x").unwrap_err(), "ROOT_GONE");
        assert_eq!(ground.place("src/x").unwrap_err(), "ROOT_GONE");
        assert_eq!(ground.directory("src").unwrap_err(), "ROOT_GONE");
        fs::remove_dir_all(ground.app()).unwrap();
        fs::rename(&away, ground.app()).unwrap();
        assert_eq!(ground.read("src/x").unwrap(), "x");
        fs::remove_dir_all(ground.app()).unwrap();
        assert_eq!(ground.directory(".").unwrap_err(), "ROOT_GONE");
    }

    #[test]
    fn a_link_that_is_swapped_in_at_the_wrong_moment_leads_nowhere() {
        let ground = Ground::new();
        let app = ground.app();
        // `flip` is a directory with `secret` and `deep` in it, then a link to the one outside, and back; and
        // `flip-file` a file, then a link.
        fs::create_dir_all(app.join("real/inner")).unwrap();
        for inside in ["real/secret", "real/inner/secret", "real-file"] {
            fs::write(app.join(inside), "mine").unwrap();
        }
        symlink("../outside", app.join("out")).unwrap();
        symlink("../outside/secret", app.join("out-file")).unwrap();
        let before: HashSet<_> = ground.outside().into_iter().collect();
        let stop = AtomicBool::new(false);
        let mut seen = [0_u32; 3];
        thread::scope(|scope| {
            // Also if this thread panics: the other must not go on for ever.
            let stopping = Stop(&stop);
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for (real, link, flip) in [
                        ("real", "out", "flip"),
                        ("real-file", "out-file", "flip-file"),
                    ] {
                        let (real, link, flip) = (app.join(real), app.join(link), app.join(flip));
                        fs::rename(&real, &flip).unwrap();
                        fs::rename(&flip, &real).unwrap();
                        fs::rename(&link, &flip).unwrap();
                        fs::rename(&flip, &link).unwrap();
                    }
                }
            });
            let until = Instant::now() + Duration::from_secs(2);
            while Instant::now() < until {
                for path in [
                    "flip/secret",
                    "flip/inner/secret",
                    "flip/inner/../secret",
                    "flip-file",
                ] {
                    match ground.read(path) {
                        Ok(text) => {
                            assert_eq!(text, "mine", "{path}");
                            seen[0] += 1;
                        }
                        Err(code) if code == "PATH_OUTSIDE" => seen[1] += 1,
                        Err(_) => seen[2] += 1,
                    }
                }
                for path in ["flip/new", "flip/inner/new"] {
                    if let Ok(place) = ground.root.place(path) {
                        drop(place.dir.write(&place.name, "mine"));
                    }
                }
                for path in ["flip", "flip/inner"] {
                    if let Ok(directory) = ground.root.directory(path) {
                        assert!(directory.path().starts_with(app));
                    }
                }
            }
            drop(stopping);
        });
        assert!(
            seen[0] > 0 || seen[1] > 0,
            "nothing was ever found: {seen:?}"
        );
        let after: HashSet<_> = ground.outside().into_iter().collect();
        assert_eq!(after, before);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_child_starts_in_the_directory_that_was_found_even_if_its_path_leads_elsewhere_by_then() {
        let ground = Ground::new();
        let directory = ground.root.directory("src").unwrap();
        fs::rename(ground.app().join("src"), ground.app().join("moved")).unwrap();
        symlink("../outside", ground.app().join("src")).unwrap();
        let output = std::process::Command::new("ls")
            .current_dir(directory.entrance())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "deep\nx\n");
    }
}
