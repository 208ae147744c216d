//! Freeing the space of snapshots that were deleted.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use loopwire_channel::CommandError;

use crate::snapshot::error::{store_error, store_failed};
use crate::snapshot::store::Store;
use crate::snapshot::system::{delete, sync_path};
use crate::snapshot::work::blocking;

/// Writes what the snapshots need into one pack, and deletes everything else. The caller has the turn, so nobody writes an
/// object that no ref keeps yet.
///
/// `git repack` does the same, but versions before 2.31 move a pack aside for a moment when the new one has the same name: a kill
/// at that moment would lose it.
pub(crate) async fn collect(store: &Store) -> Result<(), CommandError> {
    let packs = store.repository()?.join("objects").join("pack");
    let before = within(&packs, stems).await?;
    // Without a search for new deltas: what was stored is copied as it is.
    let mut prefix = OsString::from(&packs);
    prefix.push("/pack");
    let arguments = [
        "pack-objects",
        "--all",
        "--non-empty",
        "--quiet",
        "--window=0",
    ];
    let mut arguments = arguments.map(OsString::from).to_vec();
    arguments.push(prefix);
    let told = store.run(&arguments).await?;
    let told = String::from_utf8(told);
    let made = told.map_err(|_| store_failed("git pack-objects answered what is no name"))?;
    let made = format!("pack-{}", made.trim());
    let old = before.into_iter().filter(move |stem| *stem != made);
    let old: Vec<_> = old.collect();
    within(&packs, move |packs| remove(packs, &old)).await?;
    // All that is needed is in the pack.
    store.run(&["prune", "--expire=now"]).await?;
    Ok(())
}

/// The number of packs: each snapshot adds one, and git looks into all of them.
pub(crate) async fn packs(store: &Store) -> Result<usize, CommandError> {
    let packs = store.repository()?.join("objects").join("pack");
    Ok(within(&packs, stems).await?.len())
}

/// The names of all packs, without what tells their files apart.
fn stems(packs: &Path) -> io::Result<HashSet<String>> {
    let mut stems = HashSet::new();
    for entry in fs::read_dir(packs)? {
        let name = entry?.file_name();
        let stem = Path::new(&name).file_stem().unwrap_or_default();
        if let Some(stem) = stem.to_str().filter(|stem| stem.starts_with("pack-")) {
            stems.insert(stem.to_owned());
        }
    }
    Ok(stems)
}

/// Deletes these packs, once the new one is sure to be there.
fn remove(packs: &Path, stems: &[String]) -> io::Result<()> {
    sync_path(packs)?;
    for stem in stems {
        // A pack without its index is not looked into, an index without its pack is complained about.
        for ending in ["idx", "pack", "rev", "keep", "bitmap", "mtimes", "promisor"] {
            match delete(&packs.join(format!("{stem}.{ending}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Works in the directory of the packs.
async fn within<T: Send + 'static>(
    packs: &Path,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T, CommandError> {
    let packs = packs.to_owned();
    let failed = |packs: &Path, error| store_error("the space cannot be freed", packs, &error);
    blocking(move || work(&packs).map_err(|error| failed(&packs, error))).await
}
