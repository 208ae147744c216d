//! Waits for a program that has a file open. Scanners and indexers look at each new file, for some milliseconds.

use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::snapshot::system::refused::{Result, Why};

/// How long it is waited for one file. There may be many that are open.
const PATIENCE: Duration = Duration::from_millis(250);

/// The longest pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Does it again while somebody has a file of the store open. A directory with such a file is not renamed, and the system
/// says that it is denied.
pub(crate) fn patiently<T>(work: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let again = |why| matches!(why, Why::InUse | Why::Denied);
    Ok(wait(|| Ok(work()?), again)?)
}

/// Does it again while somebody has the file open.
pub(super) fn while_in_use<T>(work: impl Fn() -> Result<T>) -> Result<T> {
    wait(work, |why| why == Why::InUse)
}

fn wait<T>(work: impl Fn() -> Result<T>, again: impl Fn(Why) -> bool) -> Result<T> {
    let (start, mut pause) = (Instant::now(), Duration::from_millis(1));
    loop {
        match work() {
            Err(error) if again(error.why) && start.elapsed() < PATIENCE => {
                sleep(pause);
                pause = (pause * 2).min(PAUSE);
            }
            done => return done,
        }
    }
}
