//! How far an operation is, told at most ten times a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::shapes::{Phase, SnapshotProgress};

/// The shortest time between two reports: nobody reads faster.
const INTERVAL: Duration = Duration::from_millis(100);

/// Who is told.
pub(super) type Report = Arc<dyn Fn(SnapshotProgress) + Send + Sync>;

/// Counts what is done in one phase.
pub(super) struct Meter {
    report: Report,
    phase: Phase,
    total: u64,
    done: AtomicU64,
    bytes: AtomicU64,
    told: Mutex<Instant>,
}

impl Meter {
    /// Begins a phase, and tells that.
    pub(super) fn begin(report: &Report, phase: Phase, total: u64) -> Self {
        let meter = Self {
            report: Arc::clone(report),
            phase,
            total,
            done: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            told: Mutex::new(Instant::now()),
        };
        meter.tell();
        meter
    }

    /// Counts files that are done, and their bytes.
    pub(super) fn add(&self, files: u64, bytes: u64) {
        self.done.fetch_add(files, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        // Whoever finds the lock taken need not tell: somebody else is looking at the clock.
        if let Some(mut told) = self.told.try_lock()
            && told.elapsed() >= INTERVAL
        {
            *told = Instant::now();
            self.tell();
        }
    }

    fn tell(&self) {
        (self.report)(SnapshotProgress {
            phase: self.phase,
            done: self.done.load(Ordering::Relaxed),
            total: self.total,
            bytes: self.bytes.load(Ordering::Relaxed),
        });
    }
}
