//! What share of an operation each of its phases has.

use super::super::operation::Phase;
use super::line::Line;

/// What kind of operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Clone,
    Fetch,
    Pull,
    Push,
    Checkout,
}

/// A phase, and where it begins and ends in the whole, in percent.
type Span = (Phase, u8, u8);

/// The phases of each kind of operation. 100 is for what is done. The shares are estimates: the network takes most of
/// the time, and how much that is differs from repository to repository.
const WEIGHTS: [(Kind, &[Span]); 5] = [
    (
        Kind::Clone,
        &[
            (Phase::Counting, 0, 2),
            (Phase::Compressing, 2, 5),
            (Phase::Receiving, 5, 75),
            (Phase::Resolving, 75, 90),
            (Phase::Updating, 90, 99),
        ],
    ),
    (
        Kind::Fetch,
        &[
            (Phase::Counting, 0, 5),
            (Phase::Compressing, 5, 10),
            (Phase::Receiving, 10, 80),
            (Phase::Resolving, 80, 99),
        ],
    ),
    (
        Kind::Pull,
        &[
            (Phase::Counting, 0, 4),
            (Phase::Compressing, 4, 8),
            (Phase::Receiving, 8, 60),
            (Phase::Resolving, 60, 75),
            (Phase::Updating, 75, 99),
        ],
    ),
    (
        Kind::Push,
        &[
            (Phase::Counting, 0, 5),
            (Phase::Compressing, 5, 20),
            (Phase::Writing, 20, 90),
            (Phase::Resolving, 90, 99),
        ],
    ),
    (Kind::Checkout, &[(Phase::Updating, 0, 99)]),
];

/// Where the phase begins and ends in the whole. `None` if an operation of that kind has no such phase.
pub(super) fn span(kind: Kind, phase: Phase) -> Option<(u8, u8)> {
    let (_, phases) = WEIGHTS.iter().find(|(one, _)| *one == kind)?;
    let (_, from, to) = phases.iter().find(|(one, ..)| *one == phase)?;
    Some((*from, *to))
}

/// Which phase a line belongs to. A server may speak another language: then it is the phase that servers tell of at
/// this place.
pub(super) fn phase(kind: Kind, line: &Line, so_far: Phase) -> Option<Phase> {
    Some(match line.title.as_str() {
        "Enumerating objects" | "Counting objects" => Phase::Counting,
        "Compressing objects" => Phase::Compressing,
        "Receiving objects" | "Unpacking objects" if kind == Kind::Push => Phase::Resolving,
        "Receiving objects" | "Unpacking objects" => Phase::Receiving,
        "Writing objects" => Phase::Writing,
        "Resolving deltas" => Phase::Resolving,
        "Updating files" | "Checking out files" | "Filtering content" | "Rebasing" => {
            Phase::Updating
        }
        _ if !line.remote => return None,
        _ if kind == Kind::Push => Phase::Resolving,
        _ => so_far.clamp(Phase::Counting, Phase::Compressing),
    })
}
