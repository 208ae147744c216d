//! Opens a tunnel for a client and reports the result to the upstream's health.

use std::time::{Duration, Instant};

use crate::dial;
use crate::health::{Assignment, Route};
use crate::model::{Failure, Target};
use crate::port::Port;
use crate::socket::BufferedSocket;
use crate::upstream::Settings;

/// A tunnel through the port's upstream; what that taught about the upstream is noted.
pub(super) async fn tunnel(
    port: &Port,
    route: &Route,
    target: &Target,
    settings: &Settings,
) -> Result<BufferedSocket, Failure> {
    let begun = Instant::now();
    let result = dial::tunnel(&route.assignment.upstream, target, settings).await;
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
