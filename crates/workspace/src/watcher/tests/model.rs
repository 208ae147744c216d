//! Random operations: the tree that the notices say is the real one.

use std::fs;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::support::{Known, Site, apply, loses_what_is_in_new_directories, real};

/// The number of operations: `LOOPWIRE_WATCH_OPERATIONS`, or as many as take a second or two.
pub(super) fn operations() -> usize {
    let set = std::env::var("LOOPWIRE_WATCH_OPERATIONS").ok();
    set.and_then(|set| set.parse().ok()).unwrap_or(2_000)
}

/// A random tree of a few hundred names.
struct Actor {
    random: StdRng,
    root: PathBuf,
    outside: PathBuf,
    number: u64,
    /// The directories, as they were a few operations ago.
    directories: Vec<PathBuf>,
}

impl Actor {
    fn look(&mut self) {
        let known = real(&self.root).into_iter();
        self.directories = known.filter(|one| one.1.0).map(|one| one.0).collect();
        self.directories.push(PathBuf::new());
    }

    fn pick(&mut self, from: &[PathBuf]) -> PathBuf {
        self.root
            .join(&from[self.random.random_range(0..from.len())])
    }

    fn name(&mut self) -> String {
        format!("n{}", self.random.random_range(0..12))
    }

    fn act(&mut self) {
        if self.number.is_multiple_of(16) {
            self.look();
        }
        let directories = self.directories.clone();
        let directory = self.pick(&directories);
        let path = directory.join(self.name());
        self.number += 1;
        // Whatever the system refuses has not happened.
        let _ = match self.random.random_range(0..100) {
            0..30 => fs::write(&path, "x".repeat(self.random.random_range(0..200))),
            30..40 => fs::remove_file(&path),
            40..48 => fs::create_dir(&path),
            48..56 if directories.len() < 200 => {
                let deep = path.join("d1/d2/d3");
                fs::create_dir_all(&deep).and_then(|()| fs::write(deep.join("f"), "deep"))
            }
            56..62 => fs::remove_dir_all(&path),
            62..80 => {
                let name = self.name();
                let to = self.pick(&directories).join(name);
                fs::rename(&path, to)
            }
            80..90 => {
                let from = self.pick(&directories);
                let name = self.name();
                let to = self.pick(&directories).join(name);
                if from == self.root {
                    Ok(())
                } else {
                    fs::rename(&from, to)
                }
            }
            90..93 => fs::rename(&path, self.outside.join(format!("o{}", self.number % 8))),
            93..96 => fs::rename(self.outside.join(format!("o{}", self.number % 8)), &path),
            96..98 => {
                let temporary = directory.join(format!("t{}", self.number));
                fs::write(&temporary, "saved").and_then(|()| fs::rename(&temporary, &path))
            }
            _ => self.extra(&path),
        };
    }

    #[cfg(unix)]
    fn extra(&mut self, path: &Path) -> std::io::Result<()> {
        std::os::unix::fs::symlink("nowhere", path)
    }

    #[cfg(not(unix))]
    fn extra(&mut self, path: &Path) -> std::io::Result<()> {
        fs::write(path, "extra")
    }
}

/// Acts in bursts; after each the tree from the notices must be the real one.
pub(super) async fn run(site: &mut Site, operations: usize, burst: usize) {
    let outside = site.dir.path().join("outside");
    fs::create_dir_all(&outside).expect("a directory");
    let seed = std::env::var("LOOPWIRE_WATCH_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| rand::rng().random());
    let root = site.root.clone();
    let mut actor = Actor {
        random: StdRng::seed_from_u64(seed),
        root,
        outside,
        number: 0,
        directories: Vec::new(),
    };
    let mut known: Known = real(&site.root);
    let mut done = 0;
    while done < operations {
        for _ in 0..burst {
            actor.act();
        }
        done += burst;
        let mut told = Vec::new();
        let mut odd = Vec::new();
        let mut there = real(&site.root);
        // Until it is quiet, and then a little longer where the tree is compared at intervals.
        for _ in 0..40 {
            let changes = site.until_quiet().await;
            odd.extend(apply(&mut known, &changes));
            let more = !changes.is_empty();
            told.extend(changes);
            there = real(&site.root);
            if known == there && !more {
                break;
            }
        }
        let missing: Vec<_> = there
            .iter()
            .filter(|one| known.get(one.0) != Some(one.1))
            .collect();
        let surplus: Vec<_> = known
            .iter()
            .filter(|one| !there.contains_key(one.0))
            .collect();
        assert!(
            missing.is_empty() && surplus.is_empty(),
            "seed {seed}, {done} operations: not told: {missing:?}; told wrongly: {surplus:?}; odd: {odd:?}",
        );
        assert!(odd.is_empty(), "seed {seed}, {done} operations: {odd:#?}");
    }
}

#[tokio::test]
async fn the_tree_that_the_notices_say_is_the_real_one() {
    if loses_what_is_in_new_directories() {
        return;
    }
    let mut site = Site::new();
    site.mkdir("n1/n2/n3");
    site.write("n1/n2/f", "1");
    let _covered = site.cover("").await;
    // Longer bursts in a long run, which takes minutes otherwise.
    let burst = (operations() / 50).clamp(200, 2_000);
    run(&mut site, operations(), burst).await;
    if burst == 200 {
        assert_eq!(site.overflows, 0);
    }
    eprintln!("{} overflows", site.overflows);
    site.watcher.close().await;
}
