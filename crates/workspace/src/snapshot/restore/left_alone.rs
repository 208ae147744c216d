//! Which files a restore leaves alone because the rules of the snapshot ignore them: they were not in the snapshot although
//! they may have been there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use loopwire_channel::CommandError;

use crate::snapshot::error::store_failed;
use crate::snapshot::scan::{Directory, Index, Place, RULES, Rules, Verdict, split};
use crate::snapshot::store::Store;
use crate::snapshot::system::same_name;

use super::contents::{head, wanted};
use super::plan::Plan;

/// The `.gitignore` files of a snapshot, by the paths of their directories.
type Texts = BTreeMap<Vec<u8>, Vec<u8>>;

/// Takes them out of the plan. If no rules have changed, there are none, and nothing is read.
pub(super) async fn leave_alone(
    store: &Store,
    plan: &mut Plan,
    now: &Index,
    target: &Index,
) -> Result<(), CommandError> {
    let has_rules = |index: &Index, places: &[Place]| {
        places.iter().any(|(at, number)| {
            let directory = &index.directories[*at];
            same_name(directory.name(&directory.entries[*number]), RULES)
        })
    };
    let same_rules = !has_rules(now, &plan.deleted) && !has_rules(target, &plan.written);
    if plan.deleted.is_empty() || same_rules {
        return Ok(());
    }
    let texts = texts(store, target).await?;
    let ignored = Ignored::new(now, target, &texts);
    plan.deleted.retain(|(at, number)| {
        let directory = &now.directories[*at];
        !ignored.has(directory, directory.name(&directory.entries[*number]))
    });
    plan.removed
        .retain(|at| !ignored.has_directory(&now.directories[*at].path));
    Ok(())
}

/// Reads the rules of a snapshot.
async fn texts(store: &Store, target: &Index) -> Result<Texts, CommandError> {
    let directories = target.directories.iter().enumerate();
    let places = directories.filter_map(|(at, directory)| {
        let mut names = (directory.entries.iter()).map(|entry| directory.name(entry));
        Some((at, names.position(|name| same_name(name, RULES))?))
    });
    // A link has no rules, as in git.
    let is_link = |(at, number): &Place| target.directories[*at].entries[*number].stamp.is_link();
    let found: Vec<_> = places.filter(|place| !is_link(place)).collect();
    let told = store
        .run_with(&["cat-file", "--batch"], &wanted(target, &found))
        .await?;
    let mut rest = told.as_slice();
    let mut texts = Texts::new();
    for (at, _) in found {
        let text = blob(&mut rest);
        let text =
            text.ok_or_else(|| store_failed("a file of the snapshot is missing in the store"))?;
        texts.insert(target.directories[at].path.clone(), text.to_vec());
    }
    Ok(texts)
}

/// The next blob in `<name> blob <size>\n<contents>\n`.
fn blob<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let size = usize::try_from(head(rest).ok()?).ok()?;
    let (text, behind) = rest.split_at_checked(size)?;
    *rest = behind.get(1..)?;
    Some(text)
}

/// What the rules say of a directory.
enum State {
    /// It and everything in it is ignored.
    Ignored,
    /// It is not, and these rules hold in it.
    Held(Arc<Rules>),
    /// The snapshot has a file in its place.
    InTheWay,
}

/// What the rules say of all directories that are there.
struct Ignored<'a> {
    states: HashMap<&'a [u8], State>,
    target: &'a Index,
}

impl<'a> Ignored<'a> {
    fn new(now: &'a Index, target: &'a Index, texts: &Texts) -> Self {
        let mut states = HashMap::new();
        // Sorted by path: each directory comes behind the one that it is in.
        for directory in &now.directories {
            let path = directory.path.as_slice();
            let (parent, name) = split(path);
            let above = match path.is_empty() {
                true => State::Held(Rules::none()),
                false => match states.get(parent) {
                    Some(State::Held(rules)) => State::Held(Arc::clone(rules)),
                    Some(State::InTheWay) => State::InTheWay,
                    Some(State::Ignored) | None => State::Ignored,
                },
            };
            let is_file = !path.is_empty() && target.entry(parent, name).is_some();
            let state = match above {
                _ if is_file => State::InTheWay,
                State::Held(rules)
                    if path.is_empty() || rules.verdict(path, name, true) == Verdict::Held =>
                {
                    State::Held(match texts.get(path) {
                        Some(text) => rules.with_text(text, path),
                        None => rules,
                    })
                }
                State::InTheWay => State::InTheWay,
                _ => State::Ignored,
            };
            states.insert(path, state);
        }
        Self { states, target }
    }

    fn has(&self, directory: &Directory, name: &[u8]) -> bool {
        let path = directory.join(name);
        // The snapshot has a directory in its place.
        if self.target.directory(&path).is_some() {
            return false;
        }
        match self.states.get(directory.path.as_slice()) {
            Some(State::Held(rules)) => rules.verdict(&path, name, false) == Verdict::Ignored,
            Some(State::Ignored) => true,
            Some(State::InTheWay) | None => false,
        }
    }

    fn has_directory(&self, path: &[u8]) -> bool {
        matches!(self.states.get(path), Some(State::Ignored))
    }
}
