//! What was seen and no test has ordered.

use std::fmt;
use std::thread;

use parking_lot::Mutex;

static RECORDS: Mutex<Vec<Record>> = Mutex::new(Vec::new());

/// A panic or a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    thread: Option<String>,
    text: String,
}

impl Record {
    /// One of this thread.
    pub(crate) fn here(text: String) -> Self {
        let thread = thread::current().name().map(str::to_owned);
        // One line, for whoever reads the runner's output.
        let text = text.replace('\n', " ");
        Self { thread, text }
    }

    /// Whether it may be that test's: it is unless the thread is named after another one.
    pub(crate) fn may_be_of(&self, test: &str) -> bool {
        self.thread.as_deref().is_none_or(|name| {
            name == test || name.starts_with("tokio-") || name.starts_with("loopwire")
        })
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thread = self.thread.as_deref().unwrap_or("<unnamed>");
        write!(f, "{thread}: {}", self.text)
    }
}

pub(crate) fn add(record: Record) {
    RECORDS.lock().push(record);
}

/// Takes those that `wanted` wants.
pub(crate) fn take(wanted: impl Fn(&Record) -> bool) -> Vec<Record> {
    RECORDS
        .lock()
        .extract_if(.., |record| wanted(record))
        .collect()
}
