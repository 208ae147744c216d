//! What is sent with each request to an API: headers, query parameters, the user's country; and the wait for a new
//! key.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use parking_lot::RwLock;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::model::ForwardError;

/// The most headers, and the most query parameters. 32: more than any API needs, and a limit for a program that sets
/// a new name each time.
const MAX_PAIRS: usize = 32;

/// The longest name of a query parameter or header.
const MAX_NAME: usize = 100;

/// The longest value. 2 KiB: a signed token fits, and all together stay within what servers accept.
const MAX_VALUE: usize = 2048;

/// The shortest word of a value that is searched for in an API's message: shorter ones (`1`, `HK`) occur in every
/// text.
const MIN_SECRET: usize = 4;

/// Headers that frame the message: with another value, the request would be a different one.
const FRAMING: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The application's account with its provider, shared by calls and requests. Its locks are held only for copies.
#[derive(Default)]
pub(crate) struct Account {
    data: RwLock<AccountData>,
    changes: watch::Sender<Changes>,
    log: RwLock<Option<Log>>,
}

type Log = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone, Default)]
struct AccountData {
    headers: HeaderMap,
    query: Vec<(String, String)>,
    country: String,
}

/// Counters of events, to be compared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Changes {
    /// A header or a query parameter was set.
    pub(super) keys: u64,
    /// The waits for a new key were cancelled.
    pub(super) ends: u64,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Any value may be a key.
        f.write_str("Account(…)")
    }
}

impl Account {
    /// Sets a header of each request; an empty value removes it.
    pub(crate) fn set_header(&self, name: &str, value: &str) -> Result<(), ForwardError> {
        let wrong = |problem| ForwardError::Header { problem };
        let name = Some(name)
            .filter(|name| name.len() <= MAX_NAME)
            .and_then(|name| HeaderName::from_bytes(name.as_bytes()).ok())
            .ok_or(wrong("the key is not a valid name of an HTTP header"))?;
        if FRAMING.contains(&name) {
            return Err(wrong("this header cannot be set: each request has its own"));
        }
        let mut value = Some(value)
            .filter(|value| value.len() <= MAX_VALUE)
            .and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok())
            .ok_or(wrong("the value is too long or holds a control character"))?;
        value.set_sensitive(true);
        let mut data = self.data.write();
        if value.is_empty() {
            data.headers.remove(name);
        } else if data.headers.len() < MAX_PAIRS || data.headers.contains_key(&name) {
            data.headers.insert(name, value);
        } else {
            return Err(wrong("there are 32 headers already"));
        }
        drop(data);
        self.changes.send_modify(|changes| changes.keys += 1);
        Ok(())
    }

    /// Sets a query parameter of each request; an empty value removes it.
    pub(crate) fn set_query(&self, key: &str, value: &str) -> Result<(), ForwardError> {
        let wrong = |problem| ForwardError::Query { problem };
        if key.is_empty() || key.len() > MAX_NAME {
            return Err(wrong("the key is empty or too long"));
        }
        if value.len() > MAX_VALUE {
            return Err(wrong("the value is too long"));
        }
        let mut data = self.data.write();
        let at = data.query.iter().position(|(name, _)| name == key);
        match at {
            Some(at) if value.is_empty() => drop(data.query.remove(at)),
            Some(at) => value.clone_into(&mut data.query[at].1),
            None if value.is_empty() => {}
            None if data.query.len() < MAX_PAIRS => {
                data.query.push((key.to_owned(), value.to_owned()));
            }
            None => return Err(wrong("there are 32 parameters already")),
        }
        drop(data);
        self.changes.send_modify(|changes| changes.keys += 1);
        Ok(())
    }

    /// Sets the user's country, sent as `user_country_code`; an empty one is not sent.
    pub(crate) fn set_country(&self, code: &str) {
        let code = code.trim().chars().take(MAX_NAME).collect();
        self.data.write().country = code;
    }

    /// The user's country, empty if none was set.
    pub(crate) fn country(&self) -> String {
        self.data.read().country.clone()
    }

    /// Cancels the current waits for a new key.
    pub(crate) fn close_token_chan(&self) {
        self.changes.send_modify(|changes| changes.ends += 1);
    }

    /// Sets the log for details that events do not hold: why there was no answer, what is waited for. Never a secret.
    pub(crate) fn set_log(&self, log: impl Fn(&str) + Send + Sync + 'static) {
        *self.log.write() = Some(Arc::new(log));
    }

    pub(super) fn log(&self, text: &str) {
        tracing::debug!("{text}");
        let log = self.log.read().clone();
        if let Some(log) = log {
            log(text);
        }
    }

    pub(super) fn headers(&self) -> HeaderMap {
        self.data.read().headers.clone()
    }

    pub(super) fn query(&self) -> Vec<(String, String)> {
        self.data.read().query.clone()
    }

    pub(super) fn changes(&self) -> Changes {
        *self.changes.borrow()
    }

    /// Waits until something was set; `false` if the wait was cancelled or timed out.
    pub(super) async fn new_key(&self, since: Changes, until: Instant) -> bool {
        let mut changes = self.changes.subscribe();
        let over = changes.wait_for(|now| now.keys != since.keys || now.ends != since.ends);
        match tokio::time::timeout_at(until, over).await {
            Ok(Ok(now)) => now.ends == since.ends,
            _ => false,
        }
    }

    /// Whether a text repeats a value that is sent with each request.
    pub(super) fn is_revealed_by(&self, text: &str) -> bool {
        let data = self.data.read();
        let headers = data
            .headers
            .values()
            .filter_map(|value| value.to_str().ok());
        let query = data.query.iter().map(|(_, value)| value.as_str());
        headers.chain(query).any(|value| holds_word_of(text, value))
    }
}

/// Whether a text holds a word of the value (`Bearer k3y` has two).
pub(super) fn holds_word_of(text: &str, value: &str) -> bool {
    let mut words = value.split_whitespace();
    words.any(|word| word.len() >= MIN_SECRET && text.contains(word))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn values_that_cannot_be_sent_are_rejected_without_being_shown() {
        let account = Account::default();
        let long = "s3cret".repeat(400);
        for (name, value) in [
            ("", "a"),
            ("a b", "a"),
            ("X-Key", "s3cret\r\nX-Other: 1"),
            ("X-Key", &long),
            ("Content-Length", "5"),
            ("host", "elsewhere"),
        ] {
            let error = account.set_header(name, value).unwrap_err();
            assert_eq!(error.code(), "ERR_HEADER", "{name}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        for (key, value) in [("", "s3cret"), ("a", &long)] {
            let error = account.set_query(key, value).unwrap_err();
            assert_eq!(error.code(), "ERR_QUERY");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        for number in 0..MAX_PAIRS {
            account.set_query(&number.to_string(), "v").unwrap();
            account.set_header(&number.to_string(), "v").unwrap();
        }
        assert!(account.set_query("more", "v").is_err());
        assert!(account.set_header("more", "v").is_err());
        account.set_query("7", "").unwrap();
        account.set_header("7", "").unwrap();
        account.set_query("more", "v").unwrap();
        account.set_header("more", "s3cret").unwrap();
        assert_eq!(account.query().len(), MAX_PAIRS);
        assert!(!format!("{account:?}{:?}", account.headers()).contains("s3cret"));
    }

    #[test]
    fn the_country_is_kept_trimmed() {
        let account = Account::default();
        assert_eq!(account.country(), "");
        account.set_country(" HK ");
        assert_eq!(account.country(), "HK");
    }
}
