//! Which names are hidden: the default ignores, and the rules of `.gitignore` files.

mod defaults;
mod rules;

pub(super) use defaults::{defaults, is_own};
pub(super) use rules::{GITIGNORE, MAX_RULES_BYTES, Rules, Verdict};
