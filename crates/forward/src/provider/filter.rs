//! The filter: which proxies an application wants.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{self, Fields, Problem};
use crate::model::ForwardError;
use crate::upstream::Location;

/// The plan of calls that name none, as published.
pub(crate) const DEFAULT_PLAN: &str = "1";

/// The action of calls that name none, as published.
pub(crate) const DEFAULT_ACTION: &str = "manual";

/// The only list type: proxies.
const PROXY_LIST: i64 = -1;

/// What a pick asks for. An empty field matches anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// The plan, for an API; a list in a file has none.
    pub(crate) plan: String,
    /// One of these.
    pub(crate) country: Vec<String>,
    pub(crate) state: String,
    pub(crate) city: String,
    pub(crate) zip: String,
    pub(crate) isp: String,
    /// Only the proxies of today, for an API; a list in a file has no dates.
    pub(crate) today: bool,
    /// The action (`manual`, …), for an API.
    pub(crate) action: String,
}

impl Filter {
    /// Whether a proxy at that location matches. ASCII case is ignored.
    pub(crate) fn matches(&self, location: &Location) -> bool {
        let one = |wanted: &str, has: &str| wanted.is_empty() || wanted.eq_ignore_ascii_case(has);
        let mut countries = self.country.iter();
        (self.country.is_empty() || countries.any(|code| one(code, &location.country_code)))
            && one(&self.state, &location.state)
            && one(&self.city, &location.city)
            && one(&self.zip, &location.zip)
            && one(&self.isp, &location.isp)
    }

    /// The filter of `createWithConfigure`, and its action.
    pub(crate) fn from_json(text: &str) -> Result<(Self, String), ForwardError> {
        Self::read(text).map_err(|problem| ForwardError::Filter { problem })
    }

    fn read(text: &str) -> Result<(Self, String), Problem> {
        let object = fields::object(text)?;
        let fields = Fields::new(&object);
        let list_type = fields.get("list_type").map(Value::as_i64);
        if list_type.is_some_and(|kind| kind != Some(PROXY_LIST)) {
            return Err(format!("`list_type` must be {PROXY_LIST}"));
        }
        let or = |text: String, default: &str| {
            if text.is_empty() {
                default.to_owned()
            } else {
                text
            }
        };
        let action = or(fields.text("action")?, DEFAULT_ACTION);
        let filter = Self {
            plan: or(fields.text("plan")?, DEFAULT_PLAN),
            action: action.clone(),
            ..Self::of_location(&fields)?
        };
        Ok((filter, action))
    }

    /// The fields of a location, as in port configurations.
    pub(super) fn of_location(fields: &Fields<'_>) -> Result<Self, Problem> {
        Ok(Self {
            country: fields.texts("country")?,
            state: fields.text("state")?,
            city: fields.text("city")?,
            zip: fields.text("zip")?,
            isp: fields.text("isp")?,
            ..Self::default()
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn a_filter_matches_a_location_or_does_not() {
        let location: Location = serde_json::from_str(
            r#"{"country_code":"US","state":"California","city":"Los Angeles","zip":"90001","isp":null}"#,
        )
        .unwrap();
        for (json, fits) in [
            ("{}", true),
            (r#"{"country":"us"}"#, true),
            (r#"{"country":["HK","us"]}"#, true),
            (r#"{"country":["HK","VN"]}"#, false),
            (r#"{"country":[""]}"#, true),
            (r#"{"state":"california","city":"LOS ANGELES"}"#, true),
            (r#"{"state":"california","city":"Los Altos"}"#, false),
            (r#"{"zip":"90001"}"#, true),
            (r#"{"zip":"9000"}"#, false),
            (r#"{"isp":"Example Net"}"#, false),
        ] {
            let (filter, _) = Filter::from_json(json).unwrap();
            assert_eq!(filter.matches(&location), fits, "{json}");
        }
    }

    #[test]
    fn missing_fields_have_the_published_defaults() {
        let (filter, action) = Filter::from_json(r#"{"list_type":-1,"city":null}"#).unwrap();
        assert_eq!((filter.plan.as_str(), action.as_str()), ("1", "manual"));
        assert!(filter.country.is_empty() && filter.city.is_empty());
        let (filter, action) =
            Filter::from_json(r#"{"plan":"2","action":"auto","extra":{"a":1}}"#).unwrap();
        assert_eq!((filter.plan.as_str(), action.as_str()), ("2", "auto"));
    }

    #[test]
    fn an_error_in_a_filter_names_its_key() {
        let long = format!(r#"{{"city":"{}"}}"#, "x".repeat(101));
        for (json, says) in [
            ("", "not valid JSON"),
            ("[]", "must be an object"),
            (r#"{"city":"s3cret""#, "line 1"),
            (r#"{"list_type":0}"#, "`list_type` must be -1"),
            (r#"{"list_type":"-1"}"#, "`list_type` must be -1"),
            (r#"{"plan":1}"#, "`plan` must be a string"),
            (r#"{"country":[1]}"#, "`country` must be"),
            (r#"{"zip":90001}"#, "`zip` must be a string"),
            (&long, "`city` is longer than 100"),
        ] {
            let error = Filter::from_json(json).unwrap_err();
            assert_eq!(error.code(), "ERR_FILTER");
            let text = error.to_string();
            assert!(text.contains(says) && !text.contains("s3cret"), "{text}");
        }
    }
}
