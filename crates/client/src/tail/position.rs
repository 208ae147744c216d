//! The position in a listener's stream: what was seen, where to continue, and which events are lost.

/// A message of a listener. Messages about the stream (PROTOCOL section 4) are read here; all others are for the
/// user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenerMessage {
    /// `hello`: the epoch, the number of the last event, and how often the listener pings.
    Hello {
        epoch: String,
        seq: u64,
        heartbeat_ms: u64,
    },
    /// `gap`: events that are lost.
    Gap { from: u64, to: u64, reason: String },
    /// `resumed`: up to which number the missed events follow.
    Resumed { to: u64 },
    /// Heartbeats and the state of the slot, which do not matter here.
    Control,
    /// An event with its number, or another text without one.
    Event { seq: Option<u64> },
}

/// The position in a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamPosition {
    epoch: Option<String>,
    seen: Option<u64>,
}

impl StreamPosition {
    pub(crate) fn new(epoch: Option<String>, seen: Option<u64>) -> Self {
        Self { epoch, seen }
    }

    /// What the next connection asks for.
    pub(crate) fn ask(&self) -> (Option<u64>, Option<&str>) {
        // An epoch without a number has no meaning.
        (self.seen, self.seen.and(self.epoch.as_deref()))
    }

    /// Takes note of a message. Returns what the user should be told.
    pub(crate) fn note(&mut self, message: &ListenerMessage) -> Option<String> {
        match message {
            ListenerMessage::Hello { epoch, seq, .. } => {
                let restarted = self.epoch.as_ref().is_some_and(|known| known != epoch);
                self.epoch = Some(epoch.clone());
                match self.seen {
                    // The stream begins with the next event.
                    None => self.seen = Some(*seq),
                    // The numbers start again, and the listener sends the events that it still has.
                    Some(_) if restarted => self.seen = Some(0),
                    Some(_) => {}
                }
                None
            }
            ListenerMessage::Gap { from, to, reason } => Some(self.gap(*from, *to, reason)),
            ListenerMessage::Event { seq: Some(seq) } => {
                self.seen = Some(*seq);
                None
            }
            ListenerMessage::Resumed { .. }
            | ListenerMessage::Control
            | ListenerMessage::Event { seq: None } => None,
        }
    }

    fn gap(&mut self, from: u64, to: u64, reason: &str) -> String {
        match reason {
            "restart" => {
                self.seen = Some(to);
                let lost = match to {
                    0 => String::new(),
                    _ => format!(", and events {from} to {to} after it,"),
                };
                format!(
                    "gap: the listener was restarted; unseen events from before that{lost} are lost"
                )
            }
            // The listener's numbers are lower than ours: continue with what it will send next.
            "ahead" => {
                self.seen = Some(from.saturating_sub(1));
                format!("gap: the listener has not reached event {to}; it continues with {from}")
            }
            _ => {
                self.seen = Some(to);
                let count = to.saturating_sub(from).saturating_add(1);
                let why = match reason {
                    "overflow" => "the listener's journal no longer holds them".to_owned(),
                    other => other.to_owned(),
                };
                format!("gap: {count} numbers, {from} to {to}, are lost: {why}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(epoch: &str, seq: u64) -> ListenerMessage {
        ListenerMessage::Hello {
            epoch: epoch.to_owned(),
            seq,
            heartbeat_ms: 30_000,
        }
    }

    fn gap(from: u64, to: u64, reason: &str) -> ListenerMessage {
        ListenerMessage::Gap {
            from,
            to,
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn nothing_is_asked_for_at_first_and_the_last_event_afterwards() {
        let mut position = StreamPosition::default();
        assert_eq!(position.ask(), (None, None));
        assert_eq!(position.note(&hello("a", 40)), None);
        assert_eq!(position.ask(), (Some(40), Some("a")));
        position.note(&ListenerMessage::Event { seq: Some(43) });
        position.note(&ListenerMessage::Event { seq: None });
        position.note(&ListenerMessage::Control);
        assert_eq!(position.ask(), (Some(43), Some("a")));
    }

    #[test]
    fn the_hello_of_the_same_epoch_moves_nothing() {
        let mut position = StreamPosition::new(Some("a".to_owned()), Some(10));
        position.note(&hello("a", 99));
        position.note(&ListenerMessage::Resumed { to: 99 });
        assert_eq!(position.ask(), (Some(10), Some("a")));
    }

    #[test]
    fn all_that_the_journal_holds_is_asked_for_without_an_epoch() {
        let mut position = StreamPosition::new(None, Some(0));
        assert_eq!(position.ask(), (Some(0), None));
        position.note(&hello("a", 99));
        // Cut before the first event: it is asked for all of it again.
        assert_eq!(position.ask(), (Some(0), Some("a")));
    }

    #[test]
    fn a_restart_is_told_and_the_new_epoch_begins_with_what_it_holds() {
        let mut position = StreamPosition::new(Some("a".to_owned()), Some(10));
        assert_eq!(position.note(&hello("b", 7)), None);
        assert_eq!(position.ask(), (Some(0), Some("b")));
        let said = position.note(&gap(1, 0, "restart")).unwrap();
        assert!(
            said.contains("restarted") && !said.contains(" 1 to "),
            "{said}"
        );
        assert_eq!(position.ask(), (Some(0), Some("b")));
        let said = position.note(&gap(1, 5, "restart")).unwrap();
        assert!(said.contains("1 to 5"), "{said}");
        assert_eq!(position.ask(), (Some(5), Some("b")));
    }

    #[test]
    fn lost_numbers_are_told_and_not_asked_for_again() {
        let mut position = StreamPosition::new(Some("a".to_owned()), Some(10));
        let said = position.note(&gap(11, 30, "overflow")).unwrap();
        assert!(said.contains("20 numbers, 11 to 30"), "{said}");
        assert_eq!(position.ask(), (Some(30), Some("a")));
        // A number that the listener has not come to: it goes on where it is.
        let said = position.note(&gap(8, 30, "ahead")).unwrap();
        assert!(said.contains("continues with 8"), "{said}");
        assert_eq!(position.ask(), (Some(7), Some("a")));
    }
}
