//! Compares JSON with the interfaces of `binding.d.ts`: the keys, and the types of their values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// The keys of each interface: whether one may be missing, and its type.
pub(crate) struct Shapes(BTreeMap<String, BTreeMap<String, (bool, String)>>);

impl Shapes {
    pub(crate) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../binding.d.ts");
        let text = std::fs::read_to_string(path).expect("binding.d.ts");
        let mut all = BTreeMap::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let named = line.strip_prefix("export interface ");
            let Some(name) = named.and_then(|rest| rest.strip_suffix(" {")) else {
                continue;
            };
            let keys = lines.by_ref().take_while(|line| *line != "}");
            let keys = keys.filter_map(|line| {
                let (key, kind) = line.strip_prefix("  ")?.split_once(": ")?;
                let is_key = key
                    .chars()
                    .all(|one| one.is_ascii_alphanumeric() || one == '?');
                let name = key.trim_end_matches('?').to_owned();
                is_key.then(|| (name, (key.ends_with('?'), kind.to_owned())))
            });
            all.insert(name.to_owned(), keys.collect());
        }
        Self(all)
    }

    /// Compares every line `SHAPE type json`. These types must be among them, and no others.
    pub(crate) fn compare(&self, said: &str, wanted: &[&str]) {
        let mut seen = BTreeSet::new();
        for line in said.lines().filter_map(|line| line.strip_prefix("SHAPE ")) {
            let (kind, json) = line.split_once(' ').expect("a type and JSON");
            let value = serde_json::from_str(json).expect("JSON");
            self.check(kind, &value, &mut seen);
        }
        let seen: Vec<_> = seen.iter().map(String::as_str).collect();
        assert_eq!(seen, wanted);
    }

    fn check(&self, kind: &str, value: &Value, seen: &mut BTreeSet<String>) {
        let list = kind.strip_suffix("[]");
        let list = list.or_else(|| kind.strip_prefix("Array<")?.strip_suffix('>'));
        if let Some(kind) = list {
            let entries = value.as_array().expect("an array");
            entries.iter().for_each(|one| self.check(kind, one, seen));
            return;
        }
        let Some(keys) = self.0.get(kind) else {
            let fits = kind.split(" | ").any(|kind| is(kind, value));
            assert!(fits, "{value} is not {kind}");
            return;
        };
        seen.insert(kind.to_owned());
        let object = value.as_object().expect("an object");
        for key in object.keys() {
            assert!(keys.contains_key(key), "{kind} has no key {key}: {value}");
        }
        for (key, (may_be_missing, kind_of_key)) in keys {
            match object.get(key) {
                Some(value) => self.check(kind_of_key, value, seen),
                None => assert!(may_be_missing, "{kind} has a key {key}: {value}"),
            }
        }
    }
}

/// Whether a value has a simple type.
fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        literal => value.as_str() == Some(literal.trim_matches('\'')),
    }
}
