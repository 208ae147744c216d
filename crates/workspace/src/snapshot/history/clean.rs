//! Cleaning up: which snapshots the limits on their number and their age remove.

use std::time::SystemTime;

use loopwire_channel::CommandError;

use super::delete::forget;
use super::entry::Told;
use super::list::told;
use crate::snapshot::format::Reference;
use crate::snapshot::records::Keep;
use crate::snapshot::shapes::Kind;
use crate::snapshot::store::Store;

/// Whether the limit allows the snapshot with so many newer ones.
fn allows(keep: &Keep, newer: u64, taken: SystemTime, now: SystemTime) -> bool {
    // The clock may have been set back since.
    let age = now.duration_since(taken).unwrap_or_default();
    keep.count.is_none_or(|count| newer < count) && keep.age.is_none_or(|most| age <= most)
}

/// Those of the snapshots, which are in the order from new to old, that one of the limits removes. The newest one stays, so
/// that there always is one. The newest safety snapshot stays, too: it is the way back from the last restore.
fn outdated(all: &[Told], limits: &[Keep], now: SystemTime) -> Vec<Reference> {
    let safety = all.iter().position(|one| one.note.kind == Kind::Safety);
    let mut outdated = Vec::new();
    for ((at, one), newer) in all.iter().enumerate().zip(0..) {
        let allowed = limits
            .iter()
            .all(|keep| allows(keep, newer, one.taken, now));
        if !(allowed || at == 0 || safety == Some(at)) {
            outdated.push(one.reference.clone());
        }
    }
    outdated
}

/// Removes what the limits do not allow. Tells how many that were.
///
/// It needs no turn: an operation that reads such a snapshot still finds its objects, which [`collect`](super::collect())
/// deletes in a turn of its own.
pub(crate) async fn clean(store: &Store, limits: &[Keep]) -> Result<usize, CommandError> {
    if limits.iter().all(|keep| *keep == Keep::default()) {
        return Ok(0);
    }
    let outdated = outdated(&told(store, None).await?, limits, SystemTime::now());
    if !outdated.is_empty() {
        forget(store, &outdated).await?;
    }
    Ok(outdated.len())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::snapshot::format::Note;

    const HOUR: Duration = Duration::from_secs(3_600);

    /// Snapshots from new to old: their kinds, one an hour.
    fn history(kinds: &str) -> (Vec<Told>, SystemTime) {
        let now = SystemTime::UNIX_EPOCH + 1_000 * HOUR;
        let all = kinds.bytes().zip(0..).map(|(kind, hours)| Told {
            reference: Reference {
                number: u64::from(1_000 - hours),
                commit_hash: format!("{hours:040x}"),
            },
            taken: now - hours * HOUR,
            note: Note {
                message: String::new(),
                kind: if kind == b's' {
                    Kind::Safety
                } else {
                    Kind::Manual
                },
                number: 0,
                files: 0,
                bytes: 0,
                skipped: 0,
            },
        });
        (all.collect(), now)
    }

    /// The places of those that are removed.
    fn removed(kinds: &str, limits: &[Keep]) -> Vec<u64> {
        let (all, now) = history(kinds);
        let outdated = outdated(&all, limits, now);
        outdated.iter().map(|one| 1_000 - one.number).collect()
    }

    #[test]
    fn the_oldest_beyond_the_count_go() {
        let keep = |count| Keep {
            count: Some(count),
            age: None,
        };
        assert_eq!(removed("mmmm", &[keep(2)]), [2, 3]);
        assert_eq!(removed("mmmm", &[keep(4)]), [0; 0]);
        assert_eq!(removed("mmmm", &[keep(9), keep(3)]), [3]);
        assert_eq!(removed("mmmm", &[Keep::default()]), [0; 0]);
    }

    #[test]
    fn those_above_the_age_go() {
        let keep = |hours| Keep {
            count: None,
            age: Some(hours * HOUR),
        };
        assert_eq!(removed("mmmm", &[keep(1)]), [2, 3]);
        assert_eq!(removed("mmmm", &[keep(3)]), [0; 0]);
    }

    #[test]
    fn the_newest_and_the_newest_safety_snapshot_stay() {
        let none = Keep {
            count: Some(1),
            age: Some(Duration::ZERO),
        };
        assert_eq!(removed("mmsms", std::slice::from_ref(&none)), [1, 3, 4]);
        assert_eq!(removed("smm", std::slice::from_ref(&none)), [1, 2]);
        let (mut all, now) = history("m");
        all[0].taken = now - 100 * HOUR;
        assert_eq!(outdated(&all, &[none], now), []);
    }

    #[test]
    fn a_snapshot_of_the_future_is_new() {
        let (mut all, now) = history("mm");
        all[1].taken = now + HOUR;
        let keep = Keep {
            count: None,
            age: Some(Duration::ZERO),
        };
        assert_eq!(outdated(&all, &[keep], now), []);
    }
}
