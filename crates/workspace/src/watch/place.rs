//! Where patterns are in the tree: links in them resolved, and the scopes that the watcher has to cover.

use std::path::{Path, PathBuf};

use loopwire_channel::CommandError;

use crate::root::Root;
use crate::watcher::{Ignore, Scope};

use super::change::slashed;
use super::pattern::{Pattern, Selection};
use super::wanted::Wanted;

/// Resolves the links in the part of each pattern that has no wildcards: changes are told by their paths without links.
/// Looks at the disk.
///
/// # Errors
/// `PATH_OUTSIDE` and others of [`Root::directory`].
pub(super) fn resolve(selection: &mut Selection, root: &Root) -> Result<(), CommandError> {
    selection.rebase(|base| without_links(base, root))
}

/// A path relative to the root, without links. What does not exist yet stays as it is, and so does a link at the end that
/// leads to a file: the link itself is watched.
fn without_links(base: &str, root: &Root) -> Result<String, CommandError> {
    for path in Path::new(base).ancestors() {
        let text = match path.as_os_str().is_empty() {
            true => ".",
            false => path.to_str().unwrap_or("."),
        };
        match root.directory(text) {
            Ok(directory) => {
                let inside = directory.path().strip_prefix(root.path());
                let rest = Path::new(base).strip_prefix(path);
                let joined = inside
                    .unwrap_or(Path::new(""))
                    .join(rest.unwrap_or(Path::new("")));
                return Ok(slashed(&joined));
            }
            Err(error) if matches!(&*error.code, "NOT_FOUND" | "NOT_A_DIRECTORY") => {}
            Err(error) => return Err(error),
        }
    }
    Ok(base.to_owned())
}

/// What has to be covered for a watch: one scope for each place where patterns begin.
pub(super) fn scopes(wanted: &Wanted) -> Vec<Scope> {
    let patterns: Vec<_> = wanted
        .selection
        .exclude()
        .iter()
        .map(Pattern::ignore_line)
        .collect();
    let mut scopes: Vec<Scope> = Vec::new();
    for one in wanted.selection.include() {
        let base = PathBuf::from(one.base());
        match scopes.iter_mut().find(|scope| scope.base == base) {
            Some(scope) => {
                // The deeper of both.
                let depths = (scope.depth, one.depth());
                scope.depth = match depths {
                    (Some(one), Some(other)) => Some(one.max(other)),
                    _ => None,
                };
            }
            None => scopes.push(Scope {
                base,
                depth: one.depth(),
                ignore: Ignore {
                    rules: wanted.rules,
                    patterns: patterns.clone(),
                },
            }),
        }
    }
    scopes
}
