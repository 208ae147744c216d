//! The life of an operation: it waits for its turn, is carried out, and its one end is told.

use loopwire_channel::{CommandError, fault};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::super::error::Redactor;
use super::super::operation::GitDone;
use super::super::progress::Meter;
use super::super::turns::Place;
use super::checkout::checkout;
use super::clone::clone;
use super::exchange::exchange;
use super::job::{Job, Running};
use super::prepare::{Prepared, Work};
use super::report::Reporter;

/// Carries out an operation to its end.
pub(crate) async fn live(job: Job, prepared: Prepared, entrance: Place) {
    let mut reporter = Reporter::new(&job);
    let end = {
        let work = async {
            let done = carry_out(&job, prepared, entrance).await;
            // Git may end, or not start, before the order to end is looked at.
            done.map_err(|why| job.state.failed(why))
        };
        let work = fault::supervise(&job.journal, "git", work);
        let mut work = std::pin::pin!(work);
        tokio::select! {
            // What is about to be done is told at once.
            biased;
            end = &mut work => end,
            never = reporter.run() => match never {},
        }
    };
    let end = end.unwrap_or_else(|_| {
        Err(CommandError::new(
            "INTERNAL",
            "a part of the workspace failed",
        ))
    });
    // Whoever hears of the end may start the next operation at once.
    job.register.lock().remove(&job.state);
    reporter.last().await;
    job.state.finish(end.clone());
    reporter.end(&end).await;
    job.register.lock().announced();
}

async fn carry_out(
    job: &Job,
    prepared: Prepared,
    entrance: Place,
) -> Result<GitDone, CommandError> {
    let Prepared {
        work,
        auth,
        timeout,
        ..
    } = prepared;
    let running = Running {
        job,
        meter: Mutex::new(Meter::new(work.kind(), work.status())),
        redactor: Redactor::new(auth.as_ref()),
        auth,
        deadline: timeout.map(|timeout| Instant::now() + timeout),
    };
    {
        let meter = running.meter.lock();
        running.show(&meter);
    }
    let entered = running.unless_stopped(entrance.turn()).await?;
    let checked = running.unless_stopped(job.context.tool.check());
    checked.await??;
    let done = match work {
        Work::Clone {
            address,
            target,
            branch,
            depth,
        } => clone(&running, entered, &address, &target, branch, depth).await?,
        Work::Exchange { kind, exchange: of } => exchange(&running, entered, kind, &of).await?,
        Work::Checkout {
            repository,
            branch,
            create,
        } => checkout(&running, entered, &repository, &branch, create).await?,
    };
    let mut meter = running.meter.lock();
    meter.done("Done".to_owned());
    running.show(&meter);
    Ok(done)
}
