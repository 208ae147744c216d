//! An event: an immutable fact, in the form in which the journal stores it.

use std::time::SystemTime;

use serde::Serialize;

use super::json;
use super::kind::{EventForm, Kind};
use super::topic::Topic;

/// The size limit of an event, detail twin included. Larger data belongs in a stream or a file: one event must
/// never evict the whole journal.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// One event, serialised once: the JSON that every sink may see, followed by the extra key of its detail twin
/// (`,"data":{…}`), which is inserted before the closing brace for sinks that ask for it.
///
/// An `Event` is also a scratch buffer: [`Event::reset`] keeps the allocation, so that a source that publishes
/// often serialises without allocating.
#[derive(Clone, Debug)]
pub struct Event {
    bytes: Vec<u8>,
    detail_start: usize,
    topic: Topic,
}

impl Event {
    /// An event without a payload: `{"type":"restoreDone"}`.
    #[must_use]
    pub fn bare(topic: Topic, kind: &str) -> Self {
        let mut event = Self::scratch();
        event.write_payload(topic, kind, None);
        event
    }

    /// An event with a string payload: `{"type":"portStateUpdate","payload":"60000"}`.
    #[must_use]
    pub fn payload(topic: Topic, kind: &str, payload: &str) -> Self {
        let mut event = Self::scratch();
        event.write_payload(topic, kind, Some(payload));
        event
    }

    /// An event with an object and a timestamp: `{"type":"…","data":{…},"timestamp":"…Z"}`.
    ///
    /// # Errors
    /// If `data` cannot be represented as JSON.
    pub fn data<T: Serialize + ?Sized>(
        topic: Topic,
        kind: &str,
        data: &T,
        at: SystemTime,
    ) -> Result<Self, serde_json::Error> {
        let mut event = Self::scratch();
        event.write_data(topic, kind, data, at)?;
        Ok(event)
    }

    /// Adds the detail twin: the same event with an extra key `data`, for `loopwire.v1` connections and
    /// callbacks that ask for it. Use it with the payload form only: the data form has a `data` already.
    ///
    /// # Errors
    /// If `detail` cannot be represented as JSON.
    pub fn with_detail<T: Serialize + ?Sized>(
        mut self,
        detail: &T,
    ) -> Result<Self, serde_json::Error> {
        self.bytes.truncate(self.detail_start);
        self.bytes.extend_from_slice(br#","data":"#);
        serde_json::to_writer(&mut self.bytes, detail)?;
        Ok(self)
    }

    /// An empty event, to be filled by one of the `write_` methods.
    #[must_use]
    pub const fn scratch() -> Self {
        Self {
            bytes: Vec::new(),
            detail_start: 0,
            topic: Topic::APP,
        }
    }

    /// Empties the event and keeps its allocation.
    pub fn reset(&mut self) {
        self.bytes.clear();
        self.detail_start = 0;
    }

    /// Replaces the contents with the payload form, or with the bare form if there is no payload.
    pub fn write_payload(&mut self, topic: Topic, kind: &str, payload: Option<&str>) {
        self.reset();
        self.topic = topic;
        // Not by a kind, which would be allocated.
        self.bytes.extend_from_slice(Kind::HEAD);
        json::write_string(&mut self.bytes, kind);
        self.end_payload(payload);
    }

    /// Like [`Event::write_payload`], for a kind that is published often.
    #[inline]
    pub fn write(&mut self, kind: &Kind, payload: Option<&str>) {
        self.begin(kind);
        self.end_payload(payload);
    }

    #[inline]
    fn end_payload(&mut self, payload: Option<&str>) {
        if let Some(payload) = payload {
            self.bytes.extend_from_slice(br#","payload":"#);
            json::write_string(&mut self.bytes, payload);
        }
        self.end();
    }

    /// Replaces the contents with the data form.
    ///
    /// # Errors
    /// If `data` cannot be represented as JSON; the event is empty then.
    pub fn write_data<T: Serialize + ?Sized>(
        &mut self,
        topic: Topic,
        kind: &str,
        data: &T,
        at: SystemTime,
    ) -> Result<(), serde_json::Error> {
        self.begin(&Kind::of(topic, EventForm::Data, kind));
        self.bytes.extend_from_slice(br#","data":"#);
        if let Err(error) = serde_json::to_writer(&mut self.bytes, data) {
            self.reset();
            return Err(error);
        }
        json::write_timestamp(&mut self.bytes, at);
        self.end();
        Ok(())
    }

    /// Replaces the contents with the data form. `data` is the text of a JSON object.
    pub fn write_raw_data(&mut self, kind: &Kind, data: &str, at: SystemTime) {
        self.begin(kind);
        self.bytes.extend_from_slice(br#","data":"#);
        self.bytes.extend_from_slice(data.as_bytes());
        json::write_timestamp(&mut self.bytes, at);
        self.end();
    }

    #[inline]
    fn begin(&mut self, kind: &Kind) {
        self.reset();
        self.topic = kind.topic();
        self.bytes.extend_from_slice(kind.head());
    }

    #[inline]
    fn end(&mut self) {
        self.bytes.push(b'}');
        self.detail_start = self.bytes.len();
    }

    /// The topic of the event.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        self.topic
    }

    /// The JSON that every sink may see.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.bytes[..self.detail_start]
    }

    /// The detail twin's extra key, `,"data":{…}`, or nothing.
    #[must_use]
    pub fn detail(&self) -> &[u8] {
        &self.bytes[self.detail_start..]
    }

    /// The JSON followed by the detail, as the journal copies them.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
