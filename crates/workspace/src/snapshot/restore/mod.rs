//! Goes back to a snapshot: what it holds is read first, and then put in the place of what is there.

mod contents;
mod directories;
mod held;
mod identical;
mod leads;
mod left_alone;
mod plan;
mod problems;
mod record;
mod replace;
mod restoration;
mod settle;
mod stage;
mod target;
#[cfg(test)]
mod tests;

pub(super) use record::is_unfinished;
pub(super) use restoration::{recover, restore};
