//! The state of the watcher's thread, and one turn of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::watcher::change::Notice;
use crate::watcher::limits::WatcherLimits;
use crate::watcher::rules::Rules;
use crate::watcher::system::{Refusal, RootDir, System, Waker, system_limit};
use crate::watcher::tree::{DirId, Name, Queue, Tree};

use super::wanted::CoreScope;

/// What the watcher's thread knows.
pub(crate) struct Core {
    /// The root's path, without links.
    pub(super) path: PathBuf,
    pub(super) limits: WatcherLimits,
    /// The most directories that the system is asked to watch.
    pub(super) budget: usize,
    /// The system's own limit, for all programs of this user.
    pub(super) system_limit: Option<usize>,
    pub(super) system: System,
    /// The root, as long as it is there.
    pub(super) root: Option<(RootDir, DirId)>,
    /// The watches of the directories above the root.
    pub(super) above: HashSet<i32>,
    /// Whether the root may be gone.
    pub(super) suspect: bool,
    /// When to look whether the root is back.
    pub(super) return_at: Option<Instant>,
    pub(super) scopes: BTreeMap<u64, CoreScope>,
    /// The rules of `.git/info/exclude`, and the file's stamp.
    pub(super) exclude: (u64, Option<Rules>),
    pub(super) tree: Tree,
    pub(super) queue: Queue,
    /// Where files were that are not there any more, by their identity.
    pub(super) departed: HashMap<u64, (DirId, Name)>,
    /// The last half of a rename.
    pub(super) moved_out: Option<(u32, DirId, OsString)>,
    /// Directories whose `.gitignore` has changed.
    pub(super) stale_rules: Vec<DirId>,
    /// When everything is compared, because events were lost.
    pub(super) compare_at: Option<Instant>,
    /// When that may be done again.
    pub(super) compare_again: Option<Instant>,
    /// When what is polled is compared.
    pub(super) poll_at: Option<Instant>,
    /// The reasons for polling that were told.
    pub(super) reasons: HashSet<Refusal>,
    pub(super) out: Vec<Notice>,
}

/// What is left to do after a turn.
pub(crate) struct Turn {
    /// What was seen.
    pub(crate) notices: Vec<Notice>,
    /// How long to wait at most; without a limit if `None`.
    pub(crate) timeout: Option<Duration>,
}

impl Core {
    pub(crate) fn new(path: PathBuf, limits: WatcherLimits, waker: Waker) -> Self {
        let system = System::new(&path, waker);
        let system_limit = system_limit();
        // The rest is for the other programs of this user: without it an editor could not watch anything.
        let share = system_limit.map_or(usize::MAX, |limit| limit / 4 * 3);
        Self {
            path,
            limits,
            budget: limits.max_directories.min(share),
            system_limit,
            system,
            root: None,
            above: HashSet::new(),
            suspect: false,
            return_at: None,
            scopes: BTreeMap::new(),
            exclude: (0, None),
            tree: Tree::default(),
            queue: Queue::default(),
            departed: HashMap::new(),
            moved_out: None,
            stale_rules: Vec::new(),
            compare_at: None,
            compare_again: None,
            poll_at: None,
            reasons: HashSet::new(),
            out: Vec::new(),
        }
    }

    /// Takes what has happened, and tells what is due.
    ///
    /// # Errors
    /// The system's error if it tells nothing any more.
    pub(crate) fn turn(&mut self) -> io::Result<Turn> {
        let mut events = Vec::new();
        let more = self.system.read(&mut events)?;
        for event in events {
            self.handle(event);
        }
        let now = Instant::now();
        if is_due(self.compare_at, now) {
            self.compare_all(now);
        }
        if is_due(self.poll_at, now) {
            self.poll(now);
        }
        self.settle(Instant::now());
        if self.suspect || is_due(self.return_at, now) {
            self.check_root(now);
        }
        self.reload_rules();
        self.tree.end_turn();
        Ok(Turn {
            notices: std::mem::take(&mut self.out),
            timeout: match more {
                true => Some(Duration::ZERO),
                false => self.timeout(),
            },
        })
    }

    /// Waits for the system, or for somebody who wakes the thread.
    pub(crate) fn wait(&self, timeout: Option<Duration>, listen: bool) {
        self.system.wait(timeout, listen);
    }

    fn timeout(&self) -> Option<Duration> {
        let times = [
            self.queue.next(),
            self.compare_at,
            self.poll_at,
            self.return_at,
        ];
        let first = times.into_iter().flatten().min()?;
        Some(first.saturating_duration_since(Instant::now()))
    }
}

fn is_due(at: Option<Instant>, now: Instant) -> bool {
    at.is_some_and(|at| at <= now)
}
