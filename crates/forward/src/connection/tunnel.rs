//! A tunnel for a client, and what its making says about the upstream.

use std::time::{Duration, Instant};

use crate::dial;
use crate::health::{Link, Route};
use crate::model::{Failure, Target};
use crate::port::Port;
use crate::socket::Wire;
use crate::upstream::Settings;

/// A tunnel through the port's upstream; what that taught about the upstream is noted.
pub(super) async fn tunnel(
    port: &Port,
    route: &Route,
    target: &Target,
    settings: &Settings,
) -> Result<Wire, Failure> {
    let begun = Instant::now();
    let result = dial::tunnel(&route.link.upstream, target, settings).await;
    note(port, &route.link, result.as_ref().err(), begun.elapsed());
    if let Err(failure) = &result {
        port.log(|| format!("{target} through {}: {failure}", route.link.upstream));
    }
    result
}

/// Notes what a connection of real traffic taught about the upstream.
pub(super) fn note(port: &Port, link: &Link, failure: Option<&Failure>, took: Duration) {
    port.health.note(link, failure, took);
}
