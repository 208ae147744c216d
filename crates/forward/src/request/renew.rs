//! Renewal: asks the provider again for the proxy of a port, by time or because its list was edited.

use std::sync::{Arc, Weak};

use super::job::JobKind;
use super::state::EngineState;
use crate::model::Detail;
use crate::port::Port;
use crate::provider::Provider;

/// Renews a port's upstream. If the provider says it is gone for good, the port is removed.
pub(super) async fn renew(engine: &Arc<EngineState>, port: &Arc<Port>) -> Result<(), Detail> {
    let assignment = port.assignment();
    match engine.replace(port, JobKind::Renew, false).await {
        Err(detail) if detail.is_gone() => {
            engine.expire(port, &assignment, &detail.to_string());
            Ok(())
        }
        result => result.map(drop),
    }
}

/// Waits for edits of the provider's list, and updates each port whose entry has changed. Ends with the engine. An
/// API has no edits.
pub(crate) async fn watch_edits(engine: Weak<EngineState>, mut provider: Provider) {
    loop {
        provider.changed().await;
        let Some(engine) = engine.upgrade() else {
            return;
        };
        for (_, lane) in engine.all_lanes() {
            if let Some(port) = lane.port() {
                Box::pin(compare(&engine, &provider, &port)).await;
            }
        }
    }
}

async fn compare(engine: &Arc<EngineState>, provider: &Provider, port: &Arc<Port>) {
    let assignment = port.assignment();
    if !assignment.selection.is_provided() {
        return;
    }
    let found = provider
        .find(
            &assignment.upstream.id,
            &assignment.plan,
            &assignment.action_type,
        )
        .await;
    match found {
        Ok(upstream) if upstream == assignment.upstream => {}
        Ok(_) => {
            if let Err(detail) = engine.replace(port, JobKind::Edit, false).await {
                port.log(|| format!("the edited entry cannot be used: {detail}"));
            }
        }
        Err(detail) if detail.is_gone() => engine.expire(port, &assignment, &detail.to_string()),
        Err(detail) => port.log(|| format!("the edited list cannot be used: {detail}")),
    }
}
