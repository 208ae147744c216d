//! Turns: one operation at a time in a repository, in the order in which they were asked for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex as SyncMutex;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Who has the turn in which repository.
#[derive(Default)]
pub(super) struct Turns {
    /// Operations find their repositories one after the other, so that the order at the repositories is that in which
    /// they were asked for.
    entrance: Arc<Mutex<()>>,
    repositories: SyncMutex<HashMap<PathBuf, Arc<Mutex<()>>>>,
}

/// A place in a queue. Dropping it leaves the queue.
pub(super) enum Place {
    First(OwnedMutexGuard<()>),
    Waits(Pin<Box<dyn Future<Output = OwnedMutexGuard<()>> + Send>>),
}

/// A turn, which ends when this is dropped.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Place {
    fn behind_others(lock: Arc<Mutex<()>>) -> Self {
        let mut wait = Box::pin(lock.lock_owned());
        // The mutex is fair: whoever was polled first comes first.
        match wait.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Self::First(turn),
            Poll::Pending => Self::Waits(wait),
        }
    }

    /// Waits for the turn.
    pub(super) async fn turn(self) -> Turn {
        match self {
            Self::First(turn) => turn,
            Self::Waits(wait) => wait.await,
        }
    }
}

impl Turns {
    /// A place at the entrance.
    pub(super) fn enter(&self) -> Place {
        Place::behind_others(Arc::clone(&self.entrance))
    }

    /// A place at the repository.
    pub(super) fn at(&self, repository: &Path) -> Place {
        let mut repositories = self.repositories.lock();
        // At most as many are in use as operations run.
        repositories.retain(|_, lock| Arc::strong_count(lock) > 1);
        let lock = repositories.entry(repository.to_owned()).or_default();
        Place::behind_others(Arc::clone(lock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_come_in_order_and_one_that_is_given_up_holds_nobody_back() {
        let turns = Turns::default();
        let first = turns.at(Path::new("/a")).turn().await;
        let (second, third) = (turns.at(Path::new("/a")), turns.at(Path::new("/a")));
        assert!(matches!(turns.at(Path::new("/b")), Place::First(_)));
        drop(second);
        assert!(matches!(&third, Place::Waits(_)));
        drop(first);
        let turn = third.turn().await;
        assert!(matches!(turns.at(Path::new("/a")), Place::Waits(_)));
        drop(turn);
        assert!(matches!(turns.at(Path::new("/a")), Place::First(_)));
        assert_eq!(turns.repositories.lock().len(), 1);
    }
}
