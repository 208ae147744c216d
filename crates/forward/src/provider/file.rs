//! The provider that is a JSON file: a list of upstreams, read for each look-up.
//!
//! Because it is read each time, an edited list takes effect at once, on every file system, without a watcher. A
//! look-up happens once per request, never per connection.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::entries;
use super::filter::Filter;
use super::read::read;
use super::watch::Watch;
use crate::model::{Detail, ForwardError, Refusal};
use crate::upstream::Upstream;

/// A list of upstreams in a file.
#[derive(Clone, Debug)]
pub(super) struct List {
    url: Arc<str>,
    path: Arc<Path>,
    watch: Watch,
}

impl List {
    /// The list behind a `file:///` URL. It need not exist yet.
    pub(super) fn new(url: &str) -> Result<Self, ForwardError> {
        let (_, rest) = url.split_once(':').ok_or(ForwardError::ProviderUrl)?;
        let path = rest
            .strip_prefix("//localhost/")
            .or_else(|| rest.strip_prefix("///"))
            .filter(|path| is_escaped(path))
            .and_then(|path| percent_decode_str(path).decode_utf8().ok())
            .filter(|path| !path.contains('\0'))
            .ok_or(ForwardError::ProviderUrl)?;
        // `file:///C:/list.json` names a drive; elsewhere the path begins at the root.
        let root = if cfg!(windows) { "" } else { "/" };
        let path: Arc<Path> = PathBuf::from(format!("{root}{path}")).into();
        // Without a drive it would depend on the directory of the process.
        if !path.is_absolute() {
            return Err(ForwardError::ProviderUrl);
        }
        Ok(Self {
            url: url.into(),
            watch: Watch::new(Arc::clone(&path)),
            path,
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn source(&self) -> Arc<str> {
        Arc::clone(&self.url)
    }

    /// The upstream of that id.
    pub(super) async fn find(&self, id: &str) -> Result<Upstream, Refusal> {
        let id = id.to_owned();
        self.reading(move |bytes| {
            let entry = entries::list(bytes)?
                .into_iter()
                .find(|entry| entries::has_id(entry, &id) == Some(true))
                .ok_or(Detail::UnknownProxy)?;
            entries::upstream(entry)
        })
        .await
    }

    /// The usable entries that fit, in the list's order.
    pub(super) async fn pick(
        &self,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Upstream>, Refusal> {
        let filter = filter.clone();
        self.reading(move |bytes| {
            entries::usable(&entries::list(bytes)?, limit, |location| {
                filter.matches(location)
            })
        })
        .await
    }

    /// The entries of those ids; the others are missing in the result. As for [`List::find`], the first one counts.
    pub(super) async fn entries(
        &self,
        mut ids: HashSet<String>,
    ) -> Result<HashMap<String, Result<Upstream, Detail>>, Detail> {
        self.reading(move |bytes| {
            let mut found = HashMap::new();
            for entry in entries::list(bytes)? {
                if let Some(id) = entries::id(entry).and_then(|id| ids.take(&*id)) {
                    found.insert(id, entries::upstream(entry));
                }
            }
            Ok(found)
        })
        .await
        .map_err(|refusal| refusal.detail)
    }

    /// Resolves at each look: true if the list has changed.
    pub(super) async fn looked(&mut self) -> bool {
        self.watch.looked().await
    }

    async fn reading<T: Send + 'static>(
        &self,
        make: impl FnOnce(&[u8]) -> Result<T, Detail> + Send + 'static,
    ) -> Result<T, Refusal> {
        let path = Arc::clone(&self.path);
        tokio::task::spawn_blocking(move || {
            let bytes = read(&path).map_err(|error| {
                tracing::debug!(path = %path.display(), %error, "the list of upstreams could not be read");
                Refusal::of_list(&error, &path)
            })?;
            Ok(make(&bytes)?)
        })
        .await
        .unwrap_or_else(|_| Err(Detail::Unknown.into()))
    }
}

/// Whether each percent sign has two hex digits: the decoder would accept others.
fn is_escaped(path: &str) -> bool {
    path.split('%').skip(1).all(|part| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
#[path = "file_test.rs"]
mod tests;
