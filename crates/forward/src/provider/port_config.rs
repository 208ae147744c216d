//! A port's configuration: `putConfigPort`, `setConfigPorts`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fields::{self, Fields, Problem};
use super::filter::Filter;
use crate::model::ForwardError;

/// One port's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PortConfig {
    /// Which proxies may serve it. Plan and action come with each call.
    pub(crate) filter: Filter,
    /// Whether automatic renewal applies to it, if that is set per port.
    pub(crate) refresh: Option<bool>,
    /// The same for automatic rotation.
    pub(crate) rotation: Option<bool>,
}

impl PortConfig {
    /// The configuration of `putConfigPort`. A `port` inside is checked and otherwise ignored: the call has one.
    pub(crate) fn from_json(text: &str) -> Result<Self, ForwardError> {
        let read = fields::object(text).and_then(|object| Self::read(&object));
        read.map_err(|problem| ForwardError::PortConfig {
            call: "putConfigPort",
            problem,
        })
    }

    /// The configurations of `setConfigPorts`: an object with ports as keys. The key takes precedence over a `port`
    /// inside.
    pub(crate) fn map_from_json(text: &str) -> Result<BTreeMap<u16, Self>, ForwardError> {
        Self::read_map(text).map_err(|problem| ForwardError::PortConfig {
            call: "setConfigPorts",
            problem,
        })
    }

    fn read_map(text: &str) -> Result<BTreeMap<u16, Self>, Problem> {
        let mut configs = BTreeMap::new();
        for (key, value) in &fields::object(text)? {
            let shown = || fields::shown(key);
            let port = port_of(key)
                .ok_or_else(|| format!("`{}` is not a port from 1 to 65535", shown()))?;
            let object = value
                .as_object()
                .ok_or_else(|| format!("`{}` must be an object", shown()))?;
            let config = Self::read(object).map_err(|problem| format!("{}: {problem}", shown()))?;
            if configs.insert(port, config).is_some() {
                return Err(format!("port {port} is given twice"));
            }
        }
        Ok(configs)
    }

    fn read(object: &Map<String, Value>) -> Result<Self, Problem> {
        let fields = Fields::new(object);
        let port = fields.get("port").map(Value::as_u64);
        if port.is_some_and(|port| !port.is_some_and(|port| (1..=65_535).contains(&port))) {
            return Err("`port` must be a number from 1 to 65535".to_owned());
        }
        Ok(Self {
            filter: Filter::of_location(&fields)?,
            refresh: fields.flag("refresh")?,
            rotation: fields.flag("rotation")?,
        })
    }
}

/// Only digits: `parse` would accept a sign.
fn port_of(key: &str) -> Option<u16> {
    let digits = key.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.then(|| key.parse().ok()).flatten()?;
    (port != 0).then_some(port)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_parsed() {
        let config = PortConfig::from_json(
            r#"{"port":60000,"country":["US","HK"],"state":"","city":"Kowloon","zip":"","isp":"","refresh":true,"rotation":false}"#,
        )
        .unwrap();
        assert_eq!(config.filter.country, ["US", "HK"]);
        assert_eq!(config.filter.city, "Kowloon");
        assert_eq!((config.refresh, config.rotation), (Some(true), Some(false)));
        assert_eq!(PortConfig::from_json("{}").unwrap(), PortConfig::default());
    }

    #[test]
    fn the_key_of_a_configuration_takes_precedence() {
        let configs = PortConfig::map_from_json(
            r#"{"60001":{"port":5,"country":"VN"},"60000":{"rotation":true}}"#,
        )
        .unwrap();
        assert_eq!(configs.keys().collect::<Vec<_>>(), [&60_000, &60_001]);
        assert_eq!(configs[&60_001].filter.country, ["VN"]);
        assert_eq!(configs[&60_000].rotation, Some(true));
        assert!(PortConfig::map_from_json("{}").unwrap().is_empty());
    }

    #[test]
    fn an_error_in_a_configuration_names_its_key() {
        for (json, says) in [
            (r#"[]"#, "must be an object"),
            (r#"{"0":{}}"#, "`0` is not a port"),
            (r#"{"65536":{}}"#, "`65536` is not a port"),
            (r#"{"+1":{}}"#, "`+1` is not a port"),
            (r#"{"":{}}"#, "`` is not a port"),
            (r#"{"1":[]}"#, "`1` must be an object"),
            (r#"{"1":{"port":0}}"#, "1: `port` must be a number"),
            (r#"{"1":{"port":"1"}}"#, "1: `port` must be a number"),
            (
                r#"{"1":{"refresh":1}}"#,
                "1: `refresh` must be true or false",
            ),
            (r#"{"1":{"isp":[]}}"#, "1: `isp` must be a string"),
            (r#"{"1":{},"01":{}}"#, "port 1 is given twice"),
        ] {
            let error = PortConfig::map_from_json(json).unwrap_err();
            assert_eq!(error.code(), "ERR_PORT_CONFIG");
            let text = error.to_string();
            assert!(
                text.starts_with("setConfigPorts: ") && text.contains(says),
                "{json}: {text}"
            );
        }
        let error = PortConfig::from_json(r#"{"rotation":"on"}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "putConfigPort: `rotation` must be true or false"
        );
    }
}
