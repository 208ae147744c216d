//! The look at the workspace's files: which there are, and which differ from the last snapshot.

mod cache;
mod hasher;
mod index;
mod left_out;
mod listing;
mod rules;
mod walk;

pub(super) use super::system::Stamp;
pub(super) use cache::{Cache, forget, is_cached, load, save};
pub(super) use hasher::Hasher;
pub(super) use index::{Directory, Entry, Index, ObjectId, Place, split};
pub(super) use left_out::LeftOut;
pub(super) use rules::{RULES, Rules, Verdict, is_own_temporary};
pub(super) use walk::{Found, Limits, threads, walk};
