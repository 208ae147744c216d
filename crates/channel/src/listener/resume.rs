//! Resume: where the events of a new connection begin, and how a `loopwire.v1` client is told.

use crate::connection::{Connection, Cursor};
use crate::guard::Flags;
use crate::journal::Journal;
use crate::reliable::Client;
use crate::wire::{GapReason, Hello, LastTaken, message};

/// The next event of a client that resumes, and the events that it has lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Resume {
    from: u64,
    gap: Option<(u64, u64, GapReason)>,
}

impl Resume {
    /// `oldest` and `head` are the first and last event in the journal. `restarted` means that the client's numbers belong
    /// to another epoch.
    fn plan(since: u64, restarted: bool, oldest: u64, head: u64) -> Self {
        if restarted {
            // All events of the old epoch are lost; of the new epoch, those that have been overwritten.
            return Self {
                from: oldest,
                gap: Some((1, oldest - 1, GapReason::Restart)),
            };
        }
        if since > head {
            return Self {
                from: head + 1,
                gap: Some((head + 1, since, GapReason::Ahead)),
            };
        }
        if since + 1 < oldest {
            return Self {
                from: oldest,
                gap: Some((since + 1, oldest - 1, GapReason::Overflow)),
            };
        }
        Self {
            from: since + 1,
            gap: None,
        }
    }
}

/// Returns the cursor of a new connection, after `hello` and a gap if the client understands them. `head` is the head
/// of the journal, `position` the next event of the stream; both were read before, so that no event is missed.
/// `client` is a client that numbers its messages.
pub(super) fn start_cursor(
    connection: &Connection,
    journal: &Journal,
    flags: &Flags,
    heartbeat_ms: u64,
    client: Option<&Client>,
    head: u64,
    position: u64,
) -> Cursor {
    if !flags.v1 {
        return Cursor::new(position, position);
    }
    connection.announce(&message::hello(&Hello {
        connection_id: connection.id(),
        epoch: journal.epoch(),
        // Events that the slot's last holder got meanwhile are not sent twice: this stream begins after them.
        seq: match flags.since {
            None => head.max(position.saturating_sub(1)),
            Some(_) => head,
        },
        active: true,
        heartbeat_ms,
        taken: client.map(|client| LastTaken {
            taken: client.last(),
            memory: client.memory(),
        }),
    }));
    let Some(since) = flags.since else {
        return Cursor::new(position, position);
    };
    let restarted = flags
        .epoch
        .as_ref()
        .is_some_and(|epoch| epoch != journal.epoch());
    let Resume { from, gap } = Resume::plan(since, restarted, journal.oldest(), head);
    if let Some((from, to, reason)) = gap {
        connection.announce(&message::gap(from, to, reason));
    }
    connection.announce(&message::resumed(from, head));
    Cursor::new(from, position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_continues_after_the_last_number_that_it_has_seen() {
        let plan = |since, restarted| Resume::plan(since, restarted, 11, 20);
        let gap = |from, to, reason| Some((from, to, reason));
        for (since, restarted, from, expected) in [
            (15, false, 16, None),
            (20, false, 21, None),
            (10, false, 11, None),
            (9, false, 11, gap(10, 10, GapReason::Overflow)),
            (0, false, 11, gap(1, 10, GapReason::Overflow)),
            (25, false, 21, gap(21, 25, GapReason::Ahead)),
            (u64::MAX, false, 21, gap(21, u64::MAX, GapReason::Ahead)),
            (15, true, 11, gap(1, 10, GapReason::Restart)),
        ] {
            assert_eq!(
                plan(since, restarted),
                Resume {
                    from,
                    gap: expected
                },
                "{since} {restarted}"
            );
        }
    }

    #[test]
    fn an_empty_journal_has_nothing_to_resume() {
        assert_eq!(Resume::plan(0, false, 1, 0), Resume { from: 1, gap: None });
    }
}
