//! A local port's listener: opens the port, starts its tasks and accepts connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::concerns_one_client;

use super::serve;
use crate::health::Assignment;
use crate::port::{Context, Port, Reserved, Rules, Start, admit, checks, supervise};

/// How long accepting pauses when the system has no descriptors left, and at most: it does not spin, and continues
/// within a second.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Opens a port: it listens, checks its upstream and reports its changes.
pub(crate) fn open(
    context: Arc<Context>,
    number: u16,
    reserved: Reserved,
    assignment: Arc<Assignment>,
    rules: Rules,
    start: Start,
) -> io::Result<Arc<Port>> {
    let port = Port::open(context, number, reserved, assignment, rules, start)?;
    port.clone().spawn("accept", accept);
    port.clone().spawn("health", checks::watch);
    port.clone().spawn_reporter();
    Ok(port)
}

async fn accept(port: Arc<Port>) {
    let mut pause = ACCEPT_PAUSE;
    // Nothing more is accepted once the port is closed.
    while let Some(accepted) = port.socket.accept().await {
        match accepted {
            Ok((stream, _)) => {
                pause = ACCEPT_PAUSE;
                let admitted = admit(&port.connections, port.settings().max_connections);
                let counted = match admitted {
                    Ok(counted) => counted,
                    Err(reason) => {
                        port.log(|| format!("a connection was refused: {reason}"));
                        continue;
                    }
                };
                let owner = Arc::clone(&port);
                let run = async move {
                    // Boxed, because ten thousand idle connections hold ten thousand of these.
                    let serving = Box::pin(serve::serve(Arc::clone(&owner), stream));
                    let serving = supervise::once(&owner.context, "forward:connection", serving);
                    owner.cancel.run_until_cancelled(serving).await;
                    drop(counted);
                };
                port.tasks.spawn_on(run, &port.context.handle);
            }
            // This client has closed already; the next one is not concerned.
            Err(error) if concerns_one_client(&error) => {}
            Err(error) => {
                port.log(|| format!("accepting pauses: {error}"));
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_ACCEPT_PAUSE);
            }
        }
    }
}
