//! Parses the entries of a list or an answer one by one: an invalid entry does not affect the others.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::Detail;
use crate::upstream::{Entry, Location, Upstream};

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// Reads an object. Not an array, whose elements serde would take for the fields of a struct.
pub(super) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    is_object
        .then(|| serde_json::from_slice(json).ok())
        .flatten()
}

/// The entries of a JSON array, not parsed yet.
pub(super) fn list(json: &[u8]) -> Result<Vec<&RawValue>, Detail> {
    serde_json::from_slice(json).map_err(|_| Detail::ProviderUnreadable)
}

/// The entry's id; `None` if it has none or is not an object.
pub(super) fn id(entry: &RawValue) -> Option<Cow<'_, str>> {
    let read: Id<'_> = object(entry.get().as_bytes())?;
    Some(read.id)
}

/// Whether the entry has that id; `None` if it has no id or is not an object.
pub(super) fn has_id(entry: &RawValue, wanted: &str) -> Option<bool> {
    Some(id(entry)? == wanted)
}

/// The upstream that an entry describes.
pub(super) fn upstream(entry: &RawValue) -> Result<Upstream, Detail> {
    serde_json::from_str::<Entry>(entry.get())
        .map_err(|_| Detail::ProxyInvalid)?
        .try_into()
}

/// The first `limit` valid ones at a matching location.
pub(super) fn usable(
    entries: &[&RawValue],
    limit: usize,
    fits: impl Fn(&Location) -> bool,
) -> Result<Vec<Upstream>, Detail> {
    let found: Vec<_> = entries
        .iter()
        .filter_map(|entry| upstream(entry).ok())
        .filter(|upstream| fits(&upstream.location))
        .take(limit)
        .collect();
    if found.is_empty() {
        return Err(Detail::NoPortAvailable);
    }
    Ok(found)
}
