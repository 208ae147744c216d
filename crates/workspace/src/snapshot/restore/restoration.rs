//! One restore: the safety snapshot, the new files, the exchange; and what is done after a crash.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use cap_std::fs::Dir;
use loopwire_channel::CommandError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::process::{ProgramInput, ProgramOutput};
use crate::root::refusal;
use crate::snapshot::error::{closed, io_error, store_error};
use crate::snapshot::progress::{Meter, Report};
use crate::snapshot::scan::Index;
use crate::snapshot::shapes::{Kind, Phase, Restored};
use crate::snapshot::store::Store;
use crate::snapshot::system::{Refused, SYNCS_EACH, sync_disk};
use crate::snapshot::take::{Request, take};
use crate::snapshot::work::{blocking, join};

use super::contents::{Answers, unpack, wanted};
use super::held::check_held;
use super::left_alone::leave_alone;
use super::plan::Plan;
use super::problems::Problems;
use super::record::{Record, Step};
use super::replace::Replacement;
use super::stage::{NAME as STAGE, Stage, sweep};
use super::target;

/// How many pieces of git's answers wait for the disk.
const WAITING: usize = 8;

/// How much is read from git at once.
const PIECE: usize = 256 << 10;

/// Up to this number of files each is written to the disk by itself. With more of them it is faster to write everything
/// that waits for the disk at once, also what others have written.
const FEW: usize = 64;

/// Restores the snapshot. The caller has the store's turn, and knows that the store has the snapshot. `began` is when the
/// wait for the turn began.
pub(crate) async fn restore(
    store: &Store,
    commit_hash: &str,
    request: Request,
    began: Instant,
) -> Result<Restored, CommandError> {
    let step = Step::Reading;
    Box::pin(restore_from(store, commit_hash, request, began, step)).await
}

/// `step`: how far an earlier attempt has come. The record says that until this one has come as far, so that a second
/// crash or failure does not leave half of a snapshot that nobody knows of.
async fn restore_from(
    store: &Store,
    commit_hash: &str,
    request: Request,
    began: Instant,
    step: Step,
) -> Result<Restored, CommandError> {
    let target = Arc::new(target::load(store, commit_hash).await?);
    let (root, report) = (request.root.clone(), Arc::clone(&request.report));
    let stop = request.stop.clone();
    let request = Request {
        kind: Kind::Safety,
        ..request
    };
    let safety = Box::pin(take(store, request)).await?;
    let root = root.opened()?;
    let mut plan = Plan::new(&safety.index, &target);
    Box::pin(leave_alone(store, &mut plan, &safety.index, &target)).await?;
    Box::pin(check_held(store, &plan, &safety.index, &target)).await?;
    let plan = Arc::new(plan);
    let safety_commit = safety.commit_hash;
    let restored = |(written, deleted)| Restored {
        commit_hash: commit_hash.to_owned(),
        safety_commit: safety_commit.clone(),
        written,
        deleted,
        duration: began.elapsed(),
    };
    if plan.is_empty() {
        return Ok(restored((0, 0)));
    }
    let record = Record {
        commit_hash: commit_hash.to_owned(),
        safety_commit: safety_commit.clone(),
        step,
    };
    let place = store.place()?;
    record
        .write(&place)
        .map_err(|error| record_failed(&place, &error))?;
    let job = Job {
        root,
        target,
        plan,
        report,
        stop,
    };
    let staged = match job.stop.is_cancelled() {
        true => Err(closed()),
        false => Box::pin(read(store, &job)).await,
    };
    let unstaged = match staged {
        Ok(unstaged) => unstaged,
        Err(error) => {
            let root = Arc::clone(&job.root);
            // What stays is swept by the next restore, and keeps nothing else from being done.
            let _ = blocking(move || sweep(&root).map_err(|error| in_the_way(&error))).await;
            if step == Step::Reading {
                let _ = Record::remove(&place);
            }
            return Err(untouched(error));
        }
    };
    let now = safety.index;
    // From here on it is not given up: a closed workspace waits for it.
    let (done, problems) = blocking(move || {
        let record = Record {
            step: Step::Replacing,
            ..record
        };
        if let Err(error) = record.write(&place) {
            let _ = sweep(&job.root);
            return Err(untouched(record_failed(&place, &error)));
        }
        let done = job
            .replace(&now, &unstaged)
            .map_err(|error| refusal(&error))?;
        Record::remove(&place).map_err(|error| record_failed(&place, &error))?;
        Ok(done)
    })
    .await?;
    problems.check(&safety_commit)?;
    Ok(restored(done))
}

/// Finishes what a crash has cut off. The caller has the store's turn. `None` if there is nothing of the kind.
pub(crate) async fn recover(
    store: &Store,
    request: Request,
) -> Result<Option<Restored>, CommandError> {
    let began = Instant::now();
    let place = store.place()?;
    let root = request.root.opened()?;
    let found = blocking({
        let place = place.clone();
        move || {
            let record = Record::read(&place).map_err(|error| record_failed(&place, &error))?;
            let swept = sweep(&root).map_err(|error| in_the_way(&error));
            match &record {
                Some(record) if record.step == Step::Replacing => swept?,
                _ => {}
            }
            Ok(record)
        }
    })
    .await?;
    let removed = || Record::remove(&place).map_err(|error| record_failed(&place, &error));
    let Some(record) = found.filter(|record| record.step == Step::Replacing) else {
        removed()?;
        return Ok(None);
    };
    if let Err(error) = store.find(&record.commit_hash).await {
        // Somebody else has deleted it. Without this nothing could be done any more.
        if error.code == "SNAPSHOT_NOT_FOUND" {
            removed()?;
        }
        return Err(error);
    }
    let way_back = record.safety_commit.clone();
    let request = Request {
        message: format!(
            "Before finishing the restore of {}, which was cut off (before it: {})",
            record.commit_hash, record.safety_commit
        ),
        ..request
    };
    let (commit_hash, step) = (&record.commit_hash, Step::Replacing);
    let restored = restore_from(store, commit_hash, request, began, step);
    match Box::pin(restored).await {
        Ok(restored) => {
            removed()?;
            Ok(Some(restored))
        }
        // The store is damaged: a later attempt fails as well, and nothing else could be done meanwhile.
        Err(error) if error.code == "SNAPSHOT_FAILED" => {
            removed()?;
            let message = format!(
                "{}; the files as they were before it are in the snapshot {way_back}",
                error.message
            );
            Err(error.reworded(message))
        }
        Err(error) => Err(error),
    }
}

/// What the threads of a restore need.
#[derive(Clone)]
struct Job {
    root: Arc<Dir>,
    target: Arc<Index>,
    plan: Arc<Plan>,
    report: Report,
    stop: CancellationToken,
}

impl Job {
    fn is_small(&self) -> bool {
        self.plan.written.len() + self.plan.deleted.len() <= FEW
    }

    /// Whether each file and each directory is written by itself.
    fn writes_each(&self) -> bool {
        SYNCS_EACH || self.is_small()
    }

    /// Waits until the disk has all that is not on it yet.
    fn sync(&self) -> io::Result<()> {
        match SYNCS_EACH || !self.is_small() {
            true => sync_disk(&self.root),
            false => Ok(()),
        }
    }

    fn replace(
        &self,
        now: &Index,
        unstaged: &BTreeMap<usize, Refused>,
    ) -> io::Result<((u64, u64), Problems)> {
        let stage = Stage::reopen(&self.root)?;
        let total = (self.plan.written.len() + self.plan.deleted.len()) as u64;
        let meter = Meter::begin(&self.report, Phase::Replacing, total);
        let mut replacement = Replacement::new(
            &self.root,
            (now, &self.target),
            &self.plan,
            (&stage, unstaged),
            self.writes_each(),
            &meter,
        );
        replacement.run();
        let done = (replacement.written, replacement.deleted);
        let problems = std::mem::take(&mut replacement.problems);
        drop(replacement);
        stage.remove()?;
        self.sync()?;
        Ok((done, problems))
    }
}

/// Has git tell the new files, and stages them. Returns what could not be staged.
async fn read(store: &Store, job: &Job) -> Result<BTreeMap<usize, Refused>, CommandError> {
    let (sender, receiver) = channel(WAITING);
    let unpacking = job.clone();
    let unpacking = spawn_blocking(move || {
        let job = unpacking;
        let total = job.plan.written.len() as u64;
        let meter = Meter::begin(&job.report, Phase::Reading, total);
        let stage = Stage::make(&job.root).map_err(|error| in_the_way(&error))?;
        let mut answers = Answers::new(receiver);
        let (target, written) = (&job.target, &job.plan.written);
        let watch = (&meter, &job.stop);
        let unstaged = unpack(
            &mut answers,
            &stage,
            target,
            written,
            job.writes_each(),
            watch,
        )
        .map_err(|error| match job.stop.is_cancelled() {
            true => closed(),
            false => refusal(&error),
        })?;
        job.sync().map_err(|error| refusal(&error))?;
        Ok(unstaged)
    });
    let program = store.git(&["cat-file", "--batch", "--buffer"], true)?;
    let wanted = wanted(&job.target, &job.plan.written);
    let talk = store.converse(
        "cat-file",
        program,
        |stdin| ask(stdin, wanted),
        |stdout| Box::pin(hand_on(stdout, sender)),
    );
    let told = Box::pin(talk).await;
    // What the disk refuses is the reason, and not that git could not go on.
    let unstaged = join(unpacking).await?;
    told.map(|()| unstaged)
}

async fn ask(stdin: Option<ProgramInput>, wanted: Vec<u8>) -> Result<(), CommandError> {
    if let Some(mut stdin) = stdin {
        // Git itself says why it takes no more.
        let _ = stdin.write_all(&wanted).await;
    }
    Ok(())
}

async fn hand_on(stdout: &mut ProgramOutput, sender: Sender<Vec<u8>>) -> Result<(), CommandError> {
    let mut taken = true;
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let read = stdout.read_buf(&mut piece).await;
        let length = read.map_err(|error| io_error("git's output cannot be read", &error))?;
        if length == 0 {
            return Ok(());
        }
        // Otherwise nobody wants it, but git has to end.
        taken = taken && sender.send(piece).await.is_ok();
    }
}

/// The staging directory cannot be made or removed: perhaps because somebody else has something of this name.
fn in_the_way(error: &io::Error) -> CommandError {
    let told = refusal(error);
    let message = format!(
        "{} (in the root: {STAGE}, which is removed first)",
        told.message
    );
    told.reworded(message).at(STAGE)
}

fn record_failed(place: &Path, error: &io::Error) -> CommandError {
    store_error("the record of the restore cannot be written", place, error)
}

fn untouched(error: CommandError) -> CommandError {
    let message = format!("{}; no file was restored", error.message);
    error.reworded(message)
}
