//! Opens a tunnel for a client and reports the result to the upstream's health.

use std::time::{Duration, Instant};

use crate::dial;
use crate::health::{Assignment, Route};
use crate::model::{Failure, Target};
use crate::port::Port;
use crate::socket::{BufferedSocket, Writer};
use crate::upstream::Settings;

/// A client that leaves after it has waited this long for the upstream may have left because the upstream is dead: it
/// is checked. Five seconds: half of what a handshake may take, and most living upstreams have answered by then.
const LONG_WAIT: Duration = Duration::from_secs(5);

/// Waits for the upstream on behalf of a client; `None` if the client leaves first. Then the work is dropped, and with
/// it the upstream's connection.
pub(super) async fn while_present<T>(
    port: &Port,
    route: &Route,
    client: Writer<'_>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let begun = Instant::now();
    tokio::select! {
        biased;
        done = work => Some(done),
        () = client.departed() => {
            if begun.elapsed() >= LONG_WAIT {
                port.health.suspect(&route.assignment);
            }
            None
        }
    }
}

/// A tunnel through the port's upstream; what that taught about the upstream is noted.
pub(super) async fn tunnel(
    port: &Port,
    route: &Route,
    target: &Target,
    via: &[u8],
    settings: &Settings,
) -> Result<BufferedSocket, Failure> {
    let begun = Instant::now();
    let result = dial::tunnel(
        Some(port.address),
        &route.assignment.upstream,
        target,
        via,
        settings,
    )
    .await;
    note(
        port,
        &route.assignment,
        result.as_ref().err(),
        begun.elapsed(),
    );
    if let Err(failure) = &result {
        port.log(|| format!("{target} through {}: {failure}", route.assignment.upstream));
    }
    result
}

/// Reports the result of a client's connection to the upstream's health.
pub(super) fn note(
    port: &Port,
    assignment: &Assignment,
    failure: Option<&Failure>,
    took: Duration,
) {
    port.health.note(assignment, failure, took);
}
