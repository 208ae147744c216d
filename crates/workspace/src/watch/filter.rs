//! The filter of one connection: it gets the changes that its watches match.

use std::borrow::Cow;
use std::ops::BitOr as _;
use std::sync::Arc;

use loopwire_channel::{EventFilter, Filtered};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::watcher::ChangeKind;

use super::change::{ChangedData, name, relative};
use super::wanted::{Kinds, Seen, Sight, Wanted};

/// How a change begins: other events need not be read.
const CHANGED: &[u8] = br#"{"type":"file:changed","#;

/// How the events begin that concern every watch: what is missed, and how the system is asked.
const OF_ALL: [&[u8]; 2] = [
    br#"{"type":"file:overflow","#,
    br#"{"type":"file:polling","#,
];

/// What a connection gets of the events about files, once it has asked for a watch.
pub(super) struct WatchFilter {
    /// The root's path, as it is in events.
    root: String,
    /// A leaf among the locks: nothing else is taken under it.
    wanted: Mutex<Arc<[Arc<Wanted>]>>,
}

#[derive(Clone, Deserialize, Serialize)]
struct ChangedEvent<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    data: ChangedData<'a>,
    #[serde(borrow)]
    timestamp: &'a RawValue,
}

impl WatchFilter {
    pub(super) fn new(root: &str) -> Self {
        Self {
            root: root.to_owned(),
            wanted: Mutex::new(Arc::new([])),
        }
    }

    /// Replaces what the connection wants to hear of.
    pub(super) fn set(&self, wanted: Vec<Arc<Wanted>>) {
        let before = std::mem::replace(&mut *self.wanted.lock(), wanted.into());
        drop(before);
    }

    /// What takes the place of a change; `None` if it is not one: the application may publish anything.
    fn changed(&self, json: &[u8], wanted: &[Arc<Wanted>]) -> Option<Filtered> {
        let event: ChangedEvent<'_> = serde_json::from_slice(json).ok()?;
        let data = &event.data;
        let mut kinds = Kinds::NAMED.into_iter();
        let kind = kinds.find(|one| name(*one) == data.change_type)?;
        // Of another workspace, or of the application's own.
        let Some(path) = relative(&data.path, &self.root) else {
            return Some(Filtered::Drop);
        };
        let old = data
            .old_path
            .as_deref()
            .and_then(|old| relative(old, &self.root));
        let seen = Seen {
            kind,
            path: &path,
            old_path: old.as_deref(),
            replaced: data.replaced,
            hidden: data.ignored,
        };
        let sights: Vec<_> = wanted.iter().map(|one| one.sight(&seen)).collect();
        let sight = sights.iter().copied().fold(Sight::default(), Sight::bitor);
        if wanted.iter().any(|one| one.tag.is_some()) {
            return Some(tagged(event, wanted, &sights));
        }
        Some(match sight {
            Sight { whole: true, .. } => Filtered::Pass,
            Sight {
                deleted: false,
                created: false,
                ..
            } => Filtered::Drop,
            _ => {
                let events = parts(event, sight).into_iter();
                Filtered::Instead(events.filter_map(|one| one.json()).collect())
            }
        })
    }
}

impl ChangedEvent<'_> {
    fn json(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }
}

/// The events that take the place of a change for a client that wants to know which of its watches each is for.
fn tagged(event: ChangedEvent<'_>, wanted: &[Arc<Wanted>], sights: &[Sight]) -> Filtered {
    let tags = |sees: fn(&Sight) -> bool| {
        let seeing = wanted.iter().zip(sights).filter(|(_, sight)| sees(sight));
        let seeing: Vec<_> = seeing.map(|(one, _)| one.tag.clone()).collect();
        let any = !seeing.is_empty();
        any.then(|| seeing.into_iter().flatten().collect::<Vec<_>>())
    };
    let mut events = Vec::new();
    for (watches, sight) in [
        (
            tags(|sight| sight.deleted),
            Sight {
                deleted: true,
                ..Sight::default()
            },
        ),
        (
            tags(|sight| sight.created),
            Sight {
                created: true,
                ..Sight::default()
            },
        ),
    ] {
        let Some(watches) = watches else { continue };
        for mut part in parts(event.clone(), sight) {
            part.data.watches.clone_from(&watches);
            events.extend(part.json());
        }
    }
    if let Some(watches) = tags(|sight| sight.whole) {
        let mut whole = event;
        whole.data.watches = watches;
        events.extend(whole.json());
    }
    match events.is_empty() {
        true => Filtered::Drop,
        false => Filtered::Instead(events),
    }
}

/// The events that take the place of a rename.
fn parts(event: ChangedEvent<'_>, sight: Sight) -> Vec<ChangedEvent<'_>> {
    let ChangedEvent {
        kind,
        data,
        timestamp,
    } = event;
    let with = |data| ChangedEvent {
        kind: kind.clone(),
        data,
        timestamp,
    };
    let old = data.old_path.clone().filter(|_| sight.deleted);
    let deleted = old.map(|path| ChangedData {
        path,
        change_type: Cow::from(name(ChangeKind::Deleted)),
        size: 0,
        timestamp: data.timestamp.clone(),
        is_directory: data.is_directory,
        old_path: None,
        replaced: false,
        ignored: data.ignored,
        watches: Vec::new(),
    });
    let created = sight.created.then_some(ChangedData {
        change_type: Cow::from(name(ChangeKind::arrival(data.replaced))),
        old_path: None,
        replaced: false,
        ..data
    });
    deleted.into_iter().chain(created).map(with).collect()
}

impl EventFilter for WatchFilter {
    fn filter(&self, json: &[u8]) -> Filtered {
        let wanted = Arc::clone(&self.wanted.lock());
        if json.starts_with(CHANGED) {
            // What is none of ours passes: the application has published it.
            return self.changed(json, &wanted).unwrap_or(Filtered::Pass);
        }
        let of_all = OF_ALL.iter().any(|begin| json.starts_with(begin));
        match of_all && wanted.is_empty() {
            true => Filtered::Drop,
            false => Filtered::Pass,
        }
    }
}

#[cfg(test)]
#[path = "filter_test.rs"]
mod tests;
