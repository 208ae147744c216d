//! What `/metrics` tells of the journal, and how the distance of a reader is counted.

use loopwire_channel::{Bounds, Event, Journal, ListenerOptions, Read, Topic};

use crate::client::{ask, bearer};
use crate::support::TestServer;

#[test]
fn the_metrics_have_the_version_and_the_journal_with_its_bounds() {
    let bounds = Bounds {
        bytes: 1 << 20,
        events: 1_000,
    };
    let server = TestServer::bounded(ListenerOptions::default(), Vec::new(), bounds);
    let event = Event::payload(Topic::APP, "news", "one");
    server.journal.publish_now(&event).unwrap();
    let answer = ask(&server, "GET /metrics", &bearer());
    let lines: Vec<_> = answer.text().lines().collect();
    let version = format!(
        "loopwire_build_info{{version=\"{}\"}} 1",
        env!("CARGO_PKG_VERSION")
    );
    let bytes = format!("loopwire_journal_bytes {}", server.journal.size().bytes);
    for line in [
        version.as_str(),
        bytes.as_str(),
        "loopwire_journal_events 1",
        "loopwire_journal_max_bytes 1048576",
        "loopwire_journal_max_events 1000",
    ] {
        assert!(lines.contains(&line), "{line}: {lines:#?}");
    }
}

/// Small bounds: events are evicted, and one segment follows another.
#[test]
fn what_the_journal_holds_from_a_number_on_is_what_a_reader_reads_from_there() {
    let journal = Journal::new(Bounds {
        bytes: 32 << 10,
        events: 200,
    });
    let nothing = Bounds {
        bytes: 0,
        events: 0,
    };
    assert_eq!(journal.held_from(0), nothing);
    assert_eq!(journal.held_from(1), nothing);
    for count in 1..=700_u64 {
        let text = "x".repeat(usize::try_from(count * 37 % 900).unwrap());
        let event = Event::payload(Topic::APP, "news", &text);
        journal.publish_now(&event).unwrap();
        if count % 7 != 0 {
            continue;
        }
        let (oldest, head) = (journal.oldest(), journal.head());
        assert_eq!(journal.held_from(0), journal.size());
        assert_eq!(journal.held_from(oldest), journal.size());
        for seq in [
            oldest,
            oldest + 1,
            (oldest + head) / 2,
            head,
            head + 1,
            head + 9,
        ] {
            let mut read = nothing;
            let mut next = seq;
            while let Read::Events(run) = journal.read(next) {
                for record in run.records(next) {
                    read.bytes += record.size();
                    read.events += 1;
                }
                next = run.next();
            }
            assert_eq!(journal.held_from(seq), read, "{seq} of {oldest} to {head}");
        }
    }
    assert!(journal.oldest() > 1, "nothing was evicted");
}
