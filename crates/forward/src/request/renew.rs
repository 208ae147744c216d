//! Renewal by time: asks the provider again for the proxy of a port.

use std::sync::Arc;

use super::job::JobKind;
use super::state::EngineState;
use crate::model::Detail;
use crate::port::Port;

/// Renews a port's upstream. If the provider says it is gone for good, the port is removed.
pub(super) async fn renew(engine: &Arc<EngineState>, port: &Arc<Port>) -> Result<(), Detail> {
    let assignment = port.assignment();
    match engine.replace(port, JobKind::Renew, false).await {
        Err(detail) if detail.is_gone() => {
            engine.expire(port, &assignment, &detail.to_string());
            Ok(())
        }
        result => result,
    }
}
