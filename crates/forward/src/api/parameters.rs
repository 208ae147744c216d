//! The parameters of a request: from its query, and for a POST from a JSON object as well.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use loopwire_channel::json;
use serde_json::Value;

use super::answer::Format;
use super::error::ApiError;

/// The longest text of a parameter: the limit of the filter's fields.
const MAX_TEXT_CHARS: usize = 100;

/// The parameters by name. Unknown names are ignored, as other servers of this API do.
#[derive(Debug)]
pub(super) struct Parameters(BTreeMap<String, String>);

/// The ports that a request names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ports {
    All,
    These(Vec<u16>),
}

impl Parameters {
    /// Reads a query and a body, which must be empty or a JSON object.
    pub(super) fn read(query: &str, body: &[u8]) -> Result<Self, ApiError> {
        let mut all = Self(BTreeMap::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            all.add(&name, value.into_owned())?;
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(all);
        }
        let body = std::str::from_utf8(body).ok();
        let Some(Ok(Value::Object(object))) = body.map(json::read) else {
            return Err(ApiError::parameter("body", "must be a JSON object"));
        };
        for (name, value) in object {
            if let Some(value) = written(&name, &value)? {
                all.add(&name, value)?;
            }
        }
        Ok(all)
    }

    fn add(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        match self.0.insert(name.to_owned(), value) {
            None => Ok(()),
            // The name is shortened before it is repeated.
            Some(_) => Err(ApiError::parameter(
                &name.chars().take(MAX_TEXT_CHARS).collect::<String>(),
                "is given twice",
            )),
        }
    }

    /// A value. An empty one is the same as a missing one: clients fill in templates.
    fn given(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// The format of the answer.
    pub(super) fn format(&self) -> Result<Format, ApiError> {
        match self.given("t") {
            Some("1") => Ok(Format::Text),
            Some("2") | None => Ok(Format::Json),
            Some(_) => Err(ApiError::parameter("t", "must be 1 (text) or 2 (JSON)")),
        }
    }

    /// A text; empty if it is missing.
    pub(super) fn text(&self, name: &str) -> Result<String, ApiError> {
        let text = self.given(name).unwrap_or_default();
        if text.chars().count() > MAX_TEXT_CHARS || text.contains(char::is_control) {
            let wanted = format!("at most {MAX_TEXT_CHARS} characters, without control characters");
            return Err(ApiError::parameter(name, &wanted));
        }
        Ok(text.to_owned())
    }

    /// Texts, separated by commas.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, ApiError> {
        let text = self.text(name)?;
        let texts = text.split(',').map(str::trim);
        Ok(texts
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// A number within bounds.
    pub(super) fn number(
        &self,
        name: &str,
        bounds: RangeInclusive<u32>,
    ) -> Result<Option<u32>, ApiError> {
        let Some(text) = self.given(name) else {
            return Ok(None);
        };
        let number = digits(text).filter(|number| bounds.contains(number));
        let wanted = || format!("a number from {} to {}", bounds.start(), bounds.end());
        number
            .map(Some)
            .ok_or_else(|| ApiError::parameter(name, &wanted()))
    }

    /// One port.
    pub(super) fn port(&self, name: &str) -> Result<Option<u16>, ApiError> {
        let port = self.number(name, 1..=u32::from(u16::MAX))?;
        Ok(port.and_then(|port| u16::try_from(port).ok()))
    }

    /// Ports, separated by commas, without duplicates, or `all`.
    pub(super) fn ports(&self, name: &str) -> Result<Option<Ports>, ApiError> {
        let Some(text) = self.given(name) else {
            return Ok(None);
        };
        if text.eq_ignore_ascii_case("all") {
            return Ok(Some(Ports::All));
        }
        let mut ports = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for text in text.split(',') {
            let port = digits(text.trim()).and_then(|port| u16::try_from(port).ok());
            let Some(port) = port.filter(|port| *port != 0) else {
                let wanted = "numbers from 1 to 65535, separated by commas, or all";
                return Err(ApiError::parameter(name, wanted));
            };
            if seen.insert(port) {
                ports.push(port);
            }
        }
        Ok(Some(Ports::These(ports)))
    }

    /// A flag: true if it is given without a value.
    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.0.get(name).map(|value| value.trim()) {
            None | Some("0" | "false") => Ok(false),
            Some("" | "1" | "true") => Ok(true),
            Some(_) => Err(ApiError::parameter(name, "true or false, 1 or 0")),
        }
    }
}

/// Only digits: `parse` would accept `+1`.
fn digits(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A JSON value in the form of a query; `None` for `null`.
fn written(name: &str, value: &Value) -> Result<Option<String>, ApiError> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let written = match value {
        Value::Null => return Ok(None),
        Value::Array(values) => {
            let values: Option<Vec<_>> = values.iter().map(one).collect();
            values.map(|values| values.join(","))
        }
        value => one(value),
    };
    let wrong = || {
        let name: String = name.chars().take(MAX_TEXT_CHARS).collect();
        ApiError::parameter(
            &name,
            "must be a string, a number, a boolean, or a list of these",
        )
    };
    written.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    fn read(query: &str, body: &str) -> Parameters {
        Parameters::read(query, body.as_bytes()).unwrap()
    }

    #[test]
    fn query_and_body_are_equivalent() {
        let query = read("num=2&city=Los+Angeles&ports=1,%202,1&today&t=1&zip=", "");
        let body = read(
            "t=1",
            r#"{"num":2,"city":"Los Angeles","ports":[1,"2",1],"today":true,"zip":null}"#,
        );
        for all in [query, body] {
            assert_eq!(all.number("num", 1..=9).unwrap(), Some(2));
            assert_eq!(all.text("city").unwrap(), "Los Angeles");
            assert_eq!(all.ports("ports").unwrap(), Some(Ports::These(vec![1, 2])));
            assert!(all.flag("today").unwrap() && !all.flag("tomorrow").unwrap());
            assert_eq!(all.format().unwrap(), Format::Text);
            assert_eq!(all.text("zip").unwrap(), "");
        }
        assert_eq!(
            read("ports=ALL", "").ports("ports").unwrap(),
            Some(Ports::All)
        );
    }

    #[test]
    fn an_error_names_its_parameter() {
        let long = "x".repeat(MAX_TEXT_CHARS + 1);
        for wrong in [
            "0",
            "10",
            "-1",
            "+1",
            "1.0",
            "1e0",
            "0x1",
            "one",
            "99999999999",
        ] {
            let all = read(&format!("num={}", wrong.replace('+', "%2b")), "");
            let error = all.number("num", 1..=9).unwrap_err();
            assert_eq!(error.message, "num: a number from 1 to 9", "{wrong}");
        }
        for wrong in ["0", "1,0", "65536", ",", "1;2", "1,all", "1 2"] {
            let error = read(&format!("ports={wrong}"), "")
                .ports("ports")
                .unwrap_err();
            assert!(error.message.starts_with("ports: "), "{wrong}");
        }
        for wrong in [&long, "a%00b", "a%0ab"] {
            let error = read(&format!("city={wrong}"), "").text("city").unwrap_err();
            assert!(error.message.starts_with("city: "), "{wrong}");
        }
        assert!(read("today=yes", "").flag("today").is_err());
        assert!(read("t=3", "").format().is_err());
        for (query, body, name) in [
            ("num=1&num=1", "", "num"),
            ("num=1", r#"{"num":1}"#, "num"),
            ("", r#"{"num":{"a":1}}"#, "num"),
            ("", r#"{"ports":[[1]]}"#, "ports"),
            ("", "[1]", "body"),
            ("", "num=1", "body"),
        ] {
            let error = Parameters::read(query, body.as_bytes()).unwrap_err();
            assert!(
                error.message.starts_with(&format!("{name}: ")),
                "{query} {body}"
            );
        }
    }
}
