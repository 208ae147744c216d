//! What a snapshot is taken with.

use loopwire_workspace::{Keep as SnapshotKeep, SnapshotOrder};

use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

/// Reads what a snapshot is taken with.
///
/// # Errors
/// Another type, an unknown option, a number out of its range, a message that is too long.
pub fn snapshot<A: Argument>(options: A) -> Outcome<SnapshotOrder> {
    let mut order = SnapshotOrder::default();
    for (key, value) in args::options(options, "options", &["message", "keep"])? {
        match key.as_str() {
            "message" => order.message = Some(args::string(value, "options.message")?),
            _ => order.keep = keep(value)?,
        }
    }
    order
        .check()
        .map_err(|wrong| Failure::invalid(wrong.message))?;
    Ok(order)
}

fn keep<A: Argument>(value: A) -> Outcome<SnapshotKeep> {
    let mut keep = SnapshotKeep::default();
    for (key, value) in args::options(value, "options.keep", &["count", "ageMs"])? {
        match key.as_str() {
            "count" => {
                keep.count = args::for_ever(value, "options.keep.count", 1..=args::MAX_NUMBER)?
            }
            _ => {
                let age = args::for_ever(value, "options.keep.ageMs", 0..=args::MAX_NUMBER)?;
                keep.age = age.map(std::time::Duration::from_millis);
            }
        }
    }
    Ok(keep)
}

/// How many entries are listed at most, if a `limit` was given.
///
/// # Errors
/// Another type, an unknown option, a number out of its range.
pub fn snapshot_limit<A: Argument>(options: A, largest: usize) -> Outcome<Option<usize>> {
    let mut limit = None;
    for (_, value) in args::options(options, "options", &["limit"])? {
        limit = Some(args::size(value, "options.limit", 1..=largest as u64)?);
    }
    Ok(limit)
}
