//! Filters of connections: what they pass, and when they take effect.

use loopwire_channel::{Event, Topic};

use crate::client::{Client, set_silent};
use crate::engine::{ASKED, publish, publish_to, server};

const CHANGED: &str = "file:changed";

fn filter(client: &mut Client, data: &str) {
    client.send(&format!(r#"{{"type":"test:filter","data":{data}}}"#));
    assert_eq!(client.word(), "test:filter");
}

#[test]
fn a_filter_concerns_its_connection_alone_and_ends_when_it_is_removed() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let (mut filtered, mut other) = (Client::open(address, ""), Client::open(address, ""));
    publish(journal, CHANGED, "a1");
    assert_eq!(filtered.word(), "a1");
    filter(&mut filtered, r#"{"part":"b"}"#);
    publish(journal, CHANGED, "a2");
    publish(journal, CHANGED, "b2");
    assert!(journal.publish_now(&Event::bare(Topic::APP, "app")).is_ok());
    assert_eq!(filtered.words(2), ["b2", "app"]);
    filter(&mut filtered, "{}");
    publish(journal, CHANGED, "a3");
    assert_eq!(filtered.word(), "a3");
    assert_eq!(other.words(5), ["a1", "a2", "b2", "app", "a3"]);
}

#[test]
fn what_must_be_asked_for_goes_to_connections_with_a_filter_of_any_form() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut asking = [Client::open(address, ""), Client::sdk(address, "?v=1")];
    let mut others = [Client::open(address, ""), Client::open(address, "&v=1")];
    assert_eq!(
        (asking[1].word(), others[1].word()),
        ("hello".into(), "hello".into())
    );
    for client in &mut asking {
        filter(client, r#"{"part":"a","copies":2}"#);
    }
    publish_to(journal, ASKED, CHANGED, "a");
    publish_to(journal, ASKED, CHANGED, "b");
    assert!(journal.publish_now(&Event::bare(Topic::APP, "app")).is_ok());
    assert_eq!(asking[0].words(3), ["a", "a", "app"]);
    assert_eq!(asking[1].words(3), ["a@1", "a@1", "app@3"]);
    assert_eq!(others[0].word(), "app");
    assert_eq!(others[1].word(), "app@3");
}

#[test]
fn a_large_event_is_passed_dropped_and_replaced_as_a_small_one() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut client = Client::open(address, "&v=1");
    assert_eq!(client.word(), "hello");
    let large = "x".repeat(300_000);
    for (data, words) in [
        (r#"{"part":"x"}"#, 1),
        (r#"{"part":"y"}"#, 0),
        (r#"{"part":"x","copies":3}"#, 3),
    ] {
        filter(&mut client, data);
        publish(journal, CHANGED, &large);
        let seq = journal.head();
        for _ in 0..words {
            assert_eq!(client.word(), format!("{large}@{seq}"));
        }
        assert!(journal.publish_now(&Event::bare(Topic::APP, "app")).is_ok());
        assert_eq!(client.word(), format!("app@{}", seq + 1));
    }
}

#[test]
fn silence_counts_what_a_filter_would_have_passed() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut client = Client::open(address, "");
    filter(&mut client, r#"{"part":"a","copies":3}"#);
    set_silent(address, true);
    publish(journal, CHANGED, "a");
    publish(journal, CHANGED, "b");
    set_silent(address, false);
    assert_eq!(client.word(), "3 held back");
}
