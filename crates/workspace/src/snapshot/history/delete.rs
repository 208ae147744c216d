//! Deleting one snapshot.

use loopwire_channel::CommandError;

use super::collect::collect;
use crate::snapshot::error::not_found;
use crate::snapshot::format::{Reference, reference};
use crate::snapshot::store::Store;

/// The digits of a hash: SHA-1, SHA-256.
const DIGITS: [usize; 2] = [40, 64];

/// What may name a snapshot. Anything else names none, and git never sees it.
pub(crate) fn hash(given: &str) -> Result<&str, CommandError> {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    match DIGITS.contains(&given.len()) && given.bytes().all(digit) {
        true => Ok(given),
        // A stranger's text is not sent back.
        false => Err(not_found("with this hash")),
    }
}

/// Deletes the snapshot, and frees the space that only this one needs. The caller has the turn.
pub(crate) async fn delete(store: &Store, given: &str) -> Result<(), CommandError> {
    let found = store.find(hash(given)?).await?;
    forget(store, &[found]).await?;
    if let Err(error) = collect(store).await {
        // It is gone nevertheless. A store that has lost other snapshots frees no space until these are deleted, too.
        tracing::warn!(code = %error.code, "the space of a snapshot was not freed: {}", error.message);
    }
    Ok(())
}

/// Removes the refs of these snapshots, all or none.
pub(super) async fn forget(store: &Store, all: &[Reference]) -> Result<(), CommandError> {
    let line = |one: &Reference| format!("delete {} {}\n", reference(one.number), one.commit_hash);
    let input: String = all.iter().map(line).collect();
    store
        .run_with(&["update-ref", "--stdin"], input.as_bytes())
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_hash_names_a_snapshot() {
        for good in ["0123456789abcdef0123456789abcdef01234567", &"a".repeat(64)] {
            assert_eq!(hash(good).ok(), Some(good));
        }
        for bad in [
            "",
            "HEAD",
            "--output=/tmp/x",
            "0123456",
            &"A".repeat(40),
            &"-".repeat(40),
            &"a".repeat(41),
        ] {
            let code = hash(bad).map_err(|refusal| refusal.code);
            assert_eq!(code, Err("SNAPSHOT_NOT_FOUND".into()), "{bad}");
        }
    }
}
