//! Edits of the provider's list: every port gets the entry that the list has now.
//!
//! The list is a wanted state, not a series of changes: a port is compared until it has been found equal to the list's
//! entry. So nothing is lost if a look-up fails, a port is opened while its entry is edited, or the list is edited twice
//! in a row.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use futures_util::stream::{self, StreamExt as _};

use super::state::EngineState;
use crate::health::{Assignment, Selection};
use crate::model::Detail;
use crate::port::Port;
use crate::provider::Provider;
use crate::upstream::{Protocol, Upstream};

/// How many ports get their edited entries at once: as many as one request works on.
const MAX_CONCURRENT: usize = 64;

/// The ports that agree with the list as it is, by the assignment that was compared.
type Settled = HashMap<u16, Weak<Assignment>>;

/// Compares the ports of that provider with its list for as long as the engine exists. An API has no list to compare.
pub(crate) async fn watch_edits(engine: Weak<EngineState>, mut provider: Provider) {
    let source = provider.source();
    let mut settled = Settled::new();
    let mut unreadable = false;
    loop {
        let edited = provider.looked().await;
        let Some(engine) = engine.upgrade() else {
            return;
        };
        if edited {
            settled.clear();
        }
        settled.retain(|_, assignment| assignment.strong_count() > 0);
        let open = unsettled(&engine, &source, &settled);
        if open.is_empty() {
            continue;
        }
        let ids = open.iter().map(|(_, serving)| serving.upstream.id.clone());
        let entries = match provider.entries(ids.collect()).await {
            Ok(entries) => entries,
            Err(detail) => {
                // Somebody is writing it, and the next look finds it whole; or it is gone, which is said once.
                if !std::mem::replace(&mut unreadable, true) {
                    engine
                        .context
                        .log(|| format!("the list of upstreams cannot be used: {detail}"));
                }
                continue;
            }
        };
        unreadable = false;
        let comparing = open.into_iter().map(|(port, serving)| {
            let (engine, entry) = (&engine, entries.get(&serving.upstream.id).cloned());
            async move {
                let agrees = compare(engine, &port, &serving, entry).await;
                agrees.then(|| (port.number, Arc::downgrade(&serving)))
            }
        });
        let compared: Vec<_> = stream::iter(comparing)
            .buffer_unordered(MAX_CONCURRENT)
            .collect()
            .await;
        settled.extend(compared.into_iter().flatten());
    }
}

/// The ports whose upstreams come from that provider, and which are not known to agree with its list.
fn unsettled(
    engine: &EngineState,
    source: &Arc<str>,
    settled: &Settled,
) -> Vec<(Arc<Port>, Arc<Assignment>)> {
    let lanes = engine.all_lanes().into_iter();
    let ports = lanes.filter_map(|(_, lane)| lane.port());
    let ports = ports.map(|port| {
        let serving = port.assignment();
        (port, serving)
    });
    ports
        .filter(|(port, serving)| {
            let known = settled.get(&port.number);
            let agrees = known.is_some_and(|known| known.as_ptr() == Arc::as_ptr(serving));
            serving.source.as_ref() == Some(source) && !agrees
        })
        .collect()
}

/// Brings a port in line with its entry. True if there is nothing left to do for this list.
async fn compare(
    engine: &Arc<EngineState>,
    port: &Arc<Port>,
    serving: &Arc<Assignment>,
    entry: Option<Result<Upstream, Detail>>,
) -> bool {
    match entry {
        Some(Ok(upstream)) if upstream == serving.upstream => true,
        // A pick never takes a `direct` entry, so this is no longer the proxy that was picked.
        Some(Ok(upstream))
            if upstream.protocol == Protocol::Direct
                && matches!(serving.selection, Selection::Matching(_)) =>
        {
            engine.expire(port, serving, &Detail::DirectRefused.to_string());
            false
        }
        Some(Ok(upstream)) => {
            // Boxed, so that the task that waits for edits does not hold the state of a request.
            if let Err(refusal) = Box::pin(engine.edit(port, serving, upstream)).await {
                port.log(|| format!("the edited entry: {}", refusal.detail));
            }
            false
        }
        // As a server that is reloaded with a mistake in its configuration: it goes on with the last good one, and says
        // so.
        Some(Err(detail)) => {
            serving.set_last_error(format!("the edited entry cannot be used: {detail}"));
            port.log(|| format!("the edited entry cannot be used: {detail}"));
            true
        }
        None => {
            engine.expire(port, serving, &Detail::UnknownProxy.to_string());
            false
        }
    }
}
