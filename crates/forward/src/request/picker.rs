//! A picker: the candidates for one filter, shared by all ports of a request that use it.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::health::{Lease, UpstreamHealth};
use crate::model::Refusal;
use crate::port::Context;
use crate::provider::{Filter, Provider};
use crate::upstream::{Protocol, Upstream};

/// How many more candidates than ports are asked for: some will fail the handshake.
const SPARE_CANDIDATES: usize = 16;
/// The most candidates of one request: a longer list is not searched to its end.
const MAX_CANDIDATES: usize = 1_000;

/// A candidate, with a lease for the job that tries it.
pub(crate) struct Candidate {
    pub(crate) upstream: Upstream,
    pub(crate) health: Arc<UpstreamHealth>,
    pub(crate) lease: Lease,
}

struct PoolEntry {
    upstream: Upstream,
    health: Arc<UpstreamHealth>,
}

/// The candidates for one filter.
pub(crate) struct Picker {
    pub(crate) filter: Filter,
    provider: Provider,
    limit: usize,
    /// Asked for once, by the first job.
    known: OnceCell<Result<Vec<PoolEntry>, Refusal>>,
    /// Two jobs that pick at the same time must not both take the only unused one.
    choosing: Mutex<()>,
}

impl Picker {
    /// For that many ports.
    pub(crate) fn new(provider: Provider, filter: Filter, ports: usize) -> Self {
        Self {
            filter,
            provider,
            limit: (ports + SPARE_CANDIDATES).min(MAX_CANDIDATES),
            known: OnceCell::new(),
            choosing: Mutex::new(()),
        }
    }

    /// The URL of the provider.
    pub(super) fn source(&self) -> Arc<str> {
        self.provider.source()
    }

    async fn known(&self, context: &Context) -> Result<&[PoolEntry], Refusal> {
        let known = self.known.get_or_init(|| async {
            let found = self.provider.pick(&self.filter, self.limit).await?;
            let known = |upstream| PoolEntry {
                health: context.upstreams.health(&upstream),
                upstream,
            };
            // Fail closed: `direct` must be chosen by name, never as the next best.
            let upstreams = found
                .into_iter()
                .filter(|one| one.protocol != Protocol::Direct);
            Ok(upstreams.map(known).collect())
        });
        known.await.as_deref().map_err(Refusal::clone)
    }

    /// The best candidate that is not in `tried`: first those that are not cooling down, then those that serve fewer
    /// ports, then the provider's order. `None` if all have been tried. With `healthy_only`, those that are cooling
    /// down are skipped.
    pub(crate) async fn next(
        &self,
        context: &Context,
        tried: &mut HashSet<String>,
        healthy_only: bool,
    ) -> Result<Option<Candidate>, Refusal> {
        let known = self.known(context).await?;
        let _choosing = self.choosing.lock();
        let best = known
            .iter()
            .filter(|known| !tried.contains(&known.upstream.id))
            .filter(|known| !(healthy_only && known.health.is_cooling()))
            .min_by_key(|known| (known.health.is_cooling(), known.health.users()));
        Ok(best.map(|best| {
            tried.insert(best.upstream.id.clone());
            Candidate {
                upstream: best.upstream.clone(),
                health: Arc::clone(&best.health),
                lease: best.health.lease(),
            }
        }))
    }
}
