//! A picker: the candidates under one filter, shared by all ports of a request that look under it.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::health::{Claim, Record};
use crate::model::Detail;
use crate::port::Context;
use crate::provider::{Filter, Provider};
use crate::upstream::{Protocol, Upstream};

/// Candidates asked for beyond one for each port: some will not handshake.
const SPARE: usize = 16;
/// The most candidates of one request. A provider that lists more is not searched to its end.
const MOST: usize = 1_000;

/// One candidate, claimed by whoever tries it.
pub(crate) struct Candidate {
    pub(crate) upstream: Upstream,
    pub(crate) record: Arc<Record>,
    pub(crate) claim: Claim,
}

struct Known {
    upstream: Upstream,
    record: Arc<Record>,
}

/// The candidates of one filter.
pub(crate) struct Picker {
    pub(crate) filter: Filter,
    provider: Provider,
    limit: usize,
    /// Asked for once, by whoever comes first.
    known: OnceCell<Result<Vec<Known>, Detail>>,
    /// Two ports that look at once must not both take the only unused one.
    choosing: Mutex<()>,
}

impl Picker {
    /// For that many ports.
    pub(crate) fn new(provider: Provider, filter: Filter, ports: usize) -> Self {
        Self {
            filter,
            provider,
            limit: (ports + SPARE).min(MOST),
            known: OnceCell::new(),
            choosing: Mutex::new(()),
        }
    }

    async fn known(&self, context: &Context) -> Result<&[Known], Detail> {
        let known = self.known.get_or_init(|| async {
            let found = self.provider.pick(&self.filter, self.limit).await?;
            let known = |upstream| Known {
                record: context.ledger.record(&upstream),
                upstream,
            };
            // Fail closed: that there is no upstream at all must be somebody's word, never the next best choice.
            let upstreams = found
                .into_iter()
                .filter(|one| one.protocol != Protocol::Direct);
            Ok(upstreams.map(known).collect())
        });
        known.await.as_deref().map_err(Detail::clone)
    }

    /// The best candidate that is not in `tried`: one that is not cooling down before one that is, one that
    /// serves fewer ports before one that serves more, the provider's order among equals. `None` when all
    /// have been tried. With `rested` one that is cooling down is none.
    pub(crate) async fn next(
        &self,
        context: &Context,
        tried: &mut HashSet<String>,
        rested: bool,
    ) -> Result<Option<Candidate>, Detail> {
        let known = self.known(context).await?;
        let _choosing = self.choosing.lock();
        let best = known
            .iter()
            .filter(|known| !tried.contains(&known.upstream.id))
            .filter(|known| !(rested && known.record.is_cooling()))
            .min_by_key(|known| (known.record.is_cooling(), known.record.users()));
        Ok(best.map(|best| {
            tried.insert(best.upstream.id.clone());
            Candidate {
                upstream: best.upstream.clone(),
                record: Arc::clone(&best.record),
                claim: best.record.claim(),
            }
        }))
    }
}
