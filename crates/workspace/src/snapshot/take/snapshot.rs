//! One snapshot, from the first look to the moment when it is on the disk.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loopwire_channel::CommandError;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc::Receiver;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::process::ProgramInput;
use crate::root::Root;
use crate::snapshot::error::{closed, store_error, store_failed};
use crate::snapshot::format::{EMPTY_TREE, NAMESPACE, Note, Reference, reference};
use crate::snapshot::permissions;
use crate::snapshot::progress::{Meter, Report};
use crate::snapshot::scan::{Cache, Found, Index, Limits, forget, is_cached, load, save, walk};
use crate::snapshot::shapes::{Created, Kind, Phase, SkippedFiles};
use crate::snapshot::store::{Store, read_all};
use crate::snapshot::system::sync_path;
use crate::snapshot::work::{blocking, join};

use super::commit::{Commit, send};
use super::compare::take_over;
use super::feed::Feed;
use super::pipe::{Piece, Pipe};

/// The ref of a comparison, while that is stored.
const UNLISTED: &str = "refs/comparison";

/// The most that `git fast-import` answers: two lines.
const MAX_ANSWER: usize = 4096;

/// What is needed to take one.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) root: Root,
    pub(crate) limits: Limits,
    pub(crate) message: String,
    pub(crate) kind: Kind,
    pub(crate) report: Report,
    pub(crate) stop: CancellationToken,
}

/// A snapshot that was taken.
pub(crate) struct Taken {
    pub(crate) commit_hash: String,
    pub(crate) is_first: bool,
    pub(crate) changed: u64,
    pub(crate) skipped: SkippedFiles,
    /// The files that it holds.
    pub(crate) index: Index,
}

impl Taken {
    /// How it is told.
    pub(crate) fn created(self, duration: Duration) -> Created {
        Created {
            commit_hash: self.commit_hash,
            is_first: self.is_first,
            files: self.index.files(),
            bytes: self.index.bytes(),
            changed: self.changed,
            skipped: self.skipped,
            duration,
        }
    }
}

/// What the first look has found.
struct Looked {
    found: Found,
    last: Option<Cache>,
    unread: u64,
    /// When it began, for the clock of files.
    since: i64,
}

/// Takes a snapshot. The caller has the store's turn.
pub(crate) async fn take(store: &Store, request: Request) -> Result<Taken, CommandError> {
    let place = store.place()?;
    let error = match Box::pin(take_once(store, request.clone())).await {
        Err(error) if error.code == "SNAPSHOT_FAILED" && is_cached(&place) => error,
        done => return done,
    };
    // The store may have lost what the last snapshot has: then no snapshot that builds on it can be taken, but a whole one.
    tracing::warn!(
        error.message,
        "a snapshot failed and is taken again as a whole"
    );
    store.sweep().await?;
    forget(&place).await?;
    Box::pin(take_once(store, request)).await
}

async fn take_once(store: &Store, request: Request) -> Result<Taken, CommandError> {
    let references = store.references().await?;
    let (place, repository) = (store.place()?, store.repository()?);
    let number = references.last().map_or(0, |last| last.number) + 1;
    let is_first = references.is_empty();
    let (request, looked) = look(request, place.clone(), references).await?;
    let name = reference(number);
    let stored = store_files(store, request, looked, (number, name.clone())).await?;
    let (to, since) = (place, stored.since);
    let (cache, skipped, changed) = (stored.cache, stored.skipped, stored.changed);
    blocking(move || {
        let failed =
            |error| store_error("the snapshot may not be on the disk", &repository, &error);
        persist(&repository, &name).map_err(failed)?;
        if let Err(error) = save(&to, &cache, since) {
            // All files will be read the next time.
            tracing::warn!(%error, "the index of the last snapshot could not be saved");
        }
        let mut index = cache.index;
        for entry in index
            .directories
            .iter_mut()
            .flat_map(|one| &mut one.entries)
        {
            entry.settled = entry.stamp.is_settled(since);
        }
        Ok(Taken {
            commit_hash: cache.commit_hash,
            is_first,
            changed,
            skipped,
            index,
        })
    })
    .await
}

/// Stores the files as they are now for a comparison: a commit that is no snapshot, and its name. Nothing keeps it, once the
/// store's turn has ended. The caller has that.
pub(crate) async fn take_unlisted(store: &Store, request: Request) -> Result<String, CommandError> {
    let references = store.references().await?;
    let (request, looked) = look(request, store.place()?, references).await?;
    // One that was cut off has left it, and fast-import replaces no ref by an unrelated one.
    store.run(&["update-ref", "-d", UNLISTED]).await?;
    let stored = store_files(store, request, looked, (0, UNLISTED.to_owned())).await?;
    store.run(&["update-ref", "-d", UNLISTED]).await?;
    Ok(stored.cache.commit_hash)
}

/// Looks at the files, and which of them are those of the last snapshot. `references` are the snapshots that the store has.
async fn look(
    request: Request,
    place: PathBuf,
    references: Vec<Reference>,
) -> Result<(Request, Looked), CommandError> {
    blocking(move || {
        // Without the snapshot its contents may be gone as well.
        let is_kept = |last: &Cache| {
            let mut kept = references.iter();
            kept.any(|one| one.commit_hash == last.commit_hash)
        };
        let looked = compare(&request, load(&place).filter(is_kept))?;
        Ok((request, looked))
    })
    .await
}

fn compare(request: &Request, last: Option<Cache>) -> Result<Looked, CommandError> {
    let root = request.root.opened()?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = i64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(i64::MAX);
    let meter = Meter::begin(&request.report, Phase::Scanning, 0);
    let mut found = walk(&root, request.limits, &meter, &request.stop)?;
    let nothing = Index::default();
    let before = last.as_ref().map_or(&nothing, |last| &last.index);
    let unread = take_over(&mut found.index, before);
    Ok(Looked {
        found,
        last,
        unread,
        since,
    })
}

struct Stored {
    cache: Cache,
    changed: u64,
    skipped: SkippedFiles,
    since: i64,
}

/// What the threads that read files hand back.
type Read = (Found, u64);

/// Has git store what differs, as one pack, and make the commit and its ref.
async fn store_files(
    store: &Store,
    request: Request,
    looked: Looked,
    (number, name): (u64, String),
) -> Result<Stored, CommandError> {
    let since = looked.since;
    let (pipe, receiver) = Pipe::new();
    let reading = spawn_blocking(move || read_files(&request, looked, (number, &name), &pipe));
    let arguments = [
        "fast-import",
        "--quiet",
        "--done",
        "--date-format=raw",
        // Files are seldom like the ones that come before them: looking for that costs more than it saves.
        "--depth=0",
    ];
    let program = store.git(&arguments, true)?;
    let mut read: Option<Read> = None;
    let talk = store.converse(
        "fast-import",
        program,
        |stdin| write(stdin, receiver, store, reading, &mut read),
        |stdout| Box::pin(read_all(stdout, MAX_ANSWER)),
    );
    let told = Box::pin(talk).await?;
    let (found, changed) = read.ok_or_else(closed)?;
    let told = answer(&told);
    let (files_tree, commit_hash) =
        told.ok_or_else(|| store_failed("git fast-import did not tell the name of the commit"))?;
    Ok(Stored {
        cache: Cache {
            commit_hash,
            files_tree,
            index: found.index,
        },
        changed,
        skipped: found.skipped.summary(),
        since,
    })
}

/// Hands on to git what the threads have read.
async fn write(
    stdin: Option<ProgramInput>,
    mut receiver: Receiver<Piece>,
    store: &Store,
    reading: JoinHandle<Result<Option<Read>, CommandError>>,
    read: &mut Option<Read>,
) -> Result<(), CommandError> {
    if let Some(mut stdin) = stdin {
        while let Some(piece) = receiver.recv().await {
            match piece {
                // Git itself says why it takes no more.
                Piece::Bytes(bytes) if stdin.write_all(&bytes).await.is_err() => break,
                Piece::Bytes(_) => {}
                Piece::Tree(listing, answer) => {
                    let arguments = ["mktree", "-z", "--missing"];
                    let told = store.run_with(&arguments, &listing).await?;
                    let _ = answer.send(String::from_utf8_lossy(&told).trim().to_owned());
                }
            }
        }
    }
    // Now the threads see that nobody takes what they read.
    drop(receiver);
    *read = join(reading).await?;
    Ok(())
}

/// Reads all files that have changed, and then sends the commit. `None` if git has ended before.
fn read_files(
    request: &Request,
    looked: Looked,
    (number, name): (u64, &str),
    pipe: &Pipe,
) -> Result<Option<Read>, CommandError> {
    let Looked {
        mut found,
        last,
        unread,
        ..
    } = looked;
    let root = request.root.opened()?;
    let meter = Meter::begin(&request.report, Phase::Storing, unread);
    let nothing = Index::default();
    let feed = Feed {
        root: &root,
        max_bytes: request.limits.max_bytes,
        last: last.as_ref().map_or(&nothing, |last| &last.index),
        pipe,
        meter: &meter,
        stop: &request.stop,
    };
    if !feed.run(&mut found)? {
        return Ok(None);
    }
    let note = Note {
        message: request.message.clone(),
        kind: request.kind,
        number,
        files: found.index.files(),
        bytes: found.index.bytes(),
        skipped: found.skipped.count(),
    };
    let commit = Commit {
        name,
        message: &note.render(),
        permissions: &permissions::render(&found.index),
    };
    let sent = send(&commit, &found.index, last.as_ref(), pipe);
    Ok(sent.ok().map(|changed| (found, changed)))
}

/// The tree with the files and the commit: `040000 tree <name>\tfiles`, or `missing files`, and the commit's name.
fn answer(told: &[u8]) -> Option<(String, String)> {
    let told = std::str::from_utf8(told).ok()?;
    let (tree, commit) = told.trim_end().split_once('\n')?;
    let tree = match tree.strip_prefix("040000 tree ") {
        Some(tree) => tree.split_once('\t')?.0,
        None => tree.strip_prefix("missing").map(|_| EMPTY_TREE)?,
    };
    let is_name =
        |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_name(tree) && is_name(commit)).then(|| (tree.to_owned(), commit.to_owned()))
}

/// Has the disk take over what git has written. Newer versions of git do so themselves, but for the directories.
fn persist(repository: &Path, name: &str) -> io::Result<()> {
    let reference = repository.join(name);
    for path in [
        &repository.join("objects/pack"),
        &reference,
        &repository.join(NAMESPACE),
    ] {
        sync_path(path)?;
    }
    Ok(())
}
