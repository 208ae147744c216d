//! The silent mode of the listener: what is published before, inside and after it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loopwire_channel::{Bounds, Event, Journal, ListenerOptions, Topic};

use crate::client::{Client, set_silent, silent};
use crate::engine::{bounded, publish, server};

const CHANGED: &str = "file:changed";

/// Publishes more than a socket takes, so that a client which does not read lags.
fn flood(journal: &Journal) -> usize {
    let text = "x".repeat(1 << 19);
    for _ in 0..24 {
        let event = Event::payload(Topic::APP, "flood", &text);
        assert!(journal.publish_now(&event).is_ok());
    }
    24
}

#[test]
fn changes_are_held_back_and_summed_up_and_all_else_is_delivered() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut client = Client::open(address, "");
    publish(journal, CHANGED, "before");
    assert_eq!(silent(address), [false]);
    set_silent(address, true);
    assert_eq!(silent(address), [true]);
    publish(journal, CHANGED, "inside");
    publish(journal, "file:overflow", "root");
    publish(journal, CHANGED, "inside");
    let mut newcomer = Client::open(address, "");
    publish(journal, CHANGED, "inside");
    set_silent(address, false);
    publish(journal, CHANGED, "after");
    assert_eq!(
        client.words(4),
        ["before", "file:overflow", "3 held back", "after"]
    );
    assert_eq!(newcomer.words(2), ["1 held back", "after"]);
    assert_eq!(silent(address), [false, false]);
}

#[test]
fn a_summary_says_since_when() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut client = Client::open(address, "");
    set_silent(address, true);
    publish(journal, CHANGED, "inside");
    set_silent(address, false);
    let summary = client.next();
    let since = summary["data"]["since"].as_str().unwrap();
    let timestamp = summary["timestamp"].as_str().unwrap();
    assert!(since <= timestamp && since.ends_with('Z') && since.len() == 24);
    assert_eq!(summary["data"].as_object().unwrap().len(), 2);
    assert_eq!(summary.get("seq"), None);
}

#[test]
fn a_connection_that_lags_counts_what_lies_in_the_silence_when_it_gets_there() {
    // All that is published is still there when the client reads.
    let bounds = Bounds {
        bytes: 64 << 20,
        events: 1 << 16,
    };
    for flags in ["", "&v=1"] {
        let server = bounded(ListenerOptions::default(), bounds);
        let (address, journal) = (server.address(), &server.journal);
        let mut client = Client::open(address, flags);
        let floods = flood(journal);
        publish(journal, CHANGED, "before");
        set_silent(address, true);
        publish(journal, CHANGED, "inside");
        publish(journal, "other", "inside");
        publish(journal, CHANGED, "inside");
        set_silent(address, false);
        publish(journal, CHANGED, "between");
        set_silent(address, true);
        publish(journal, CHANGED, "inside");
        set_silent(address, false);
        publish(journal, CHANGED, "after");
        let words = if flags.is_empty() {
            [
                "before",
                "other",
                "2 held back",
                "between",
                "1 held back",
                "after",
            ]
        } else {
            assert_eq!(client.word(), "hello");
            [
                "before@25",
                "other@27",
                "2 held back@28",
                "between@29",
                "1 held back@30",
                "after@31",
            ]
        };
        client.words(floods);
        assert_eq!(client.words(6), words);
    }
}

#[test]
fn all_connections_agree_on_what_lies_in_a_silence_while_events_are_published() {
    const EVENTS: u64 = 20_000;
    const CHUNK: u64 = 500;
    let bounds = Bounds {
        bytes: 64 << 20,
        events: 1 << 16,
    };
    let server = bounded(ListenerOptions::default(), bounds);
    let address = server.address();
    let (mut prompt, mut late) = (Client::open(address, "&v=1"), Client::open(address, "&v=1"));
    let journal = Arc::clone(&server.journal);
    // Both sides wait for each other, so that no silence is over before something was published in it.
    let (called, published) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (calls_seen, count) = (Arc::clone(&called), Arc::clone(&published));
    let publisher = std::thread::spawn(move || {
        for at in 0..EVENTS {
            while calls_seen.load(Ordering::Acquire) * CHUNK <= at {
                std::thread::yield_now();
            }
            publish(&journal, CHANGED, &at.to_string());
            count.store(at + 1, Ordering::Release);
        }
    });
    let reader = std::thread::spawn(move || until_end(&mut prompt));
    let mut calls = 0;
    while !publisher.is_finished() {
        calls += 1;
        set_silent(address, calls % 2 == 1);
        let before = published.load(Ordering::Acquire);
        called.store(calls, Ordering::Release);
        while published.load(Ordering::Acquire) == before && !publisher.is_finished() {
            std::thread::yield_now();
        }
    }
    publisher.join().unwrap();
    set_silent(address, false);
    publish(&server.journal, "end", "");
    let words = reader.join().unwrap();
    assert_eq!(words, until_end(&mut late));
    let held = words
        .iter()
        .filter_map(|word| word.split_once(" held back"));
    let held: Vec<u64> = held.map(|(count, _)| count.parse().unwrap()).collect();
    // Without `hello` and the end.
    let delivered = words.len() - held.len() - 2;
    assert_eq!(held.iter().sum::<u64>() + delivered as u64, EVENTS);
    assert!(!held.is_empty(), "{calls} calls");
}

fn until_end(client: &mut Client) -> Vec<String> {
    let mut words = Vec::new();
    while words
        .last()
        .is_none_or(|last: &String| !last.starts_with("end@"))
    {
        words.push(client.word());
    }
    words
}

#[test]
fn a_second_silent_call_prolongs_and_there_is_one_summary() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut client = Client::open(address, "");
    for _ in 0..3 {
        set_silent(address, true);
        publish(journal, CHANGED, "inside");
    }
    set_silent(address, false);
    set_silent(address, false);
    publish(journal, "end", "");
    assert_eq!(client.words(2), ["3 held back", "end"]);
}

#[test]
fn who_gets_no_changes_gets_no_summary() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut sdk = Client::sdk(address, "");
    set_silent(address, true);
    publish(journal, CHANGED, "inside");
    let mut late = Client::open(address, "");
    set_silent(address, false);
    let event = Event::bare(Topic::APP, "end");
    assert!(journal.publish_now(&event).is_ok());
    assert_eq!(sdk.word(), "end");
    assert_eq!(late.word(), "end");
}

#[test]
fn a_client_that_resumes_behind_a_summary_gets_neither_the_changes_nor_a_second_summary() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    publish(journal, CHANGED, "before");
    set_silent(address, true);
    publish(journal, CHANGED, "inside");
    publish(journal, CHANGED, "inside");
    set_silent(address, false);
    publish(journal, CHANGED, "after");
    let resumed = |since: u64, count| {
        let mut client = Client::open(address, &format!("&v=1&since={since}"));
        assert_eq!(client.words(2), ["hello", "resumed"]);
        client.words(count)
    };
    assert_eq!(resumed(0, 3), ["before@1", "2 held back@3", "after@4"]);
    assert_eq!(resumed(2, 2), ["1 held back@3", "after@4"]);
    assert_eq!(resumed(3, 1), ["after@4"]);
}

#[test]
fn what_was_overwritten_in_a_silence_is_a_gap_and_is_not_counted() {
    let bounds = Bounds {
        bytes: 8 << 20,
        events: 1 << 16,
    };
    let server = bounded(ListenerOptions::default(), bounds);
    let (address, journal) = (server.address(), &server.journal);
    let mut client = Client::open(address, "&v=1");
    assert_eq!(client.word(), "hello");
    set_silent(address, true);
    publish(journal, CHANGED, "inside");
    // Until it has been held back: nothing else says so.
    publish(journal, "other", "inside");
    assert_eq!(client.word(), "other@2");
    let mut published = 2;
    while journal.oldest() < 50 {
        published += flood(journal);
        publish(journal, CHANGED, "lost or not");
        published += 1;
    }
    set_silent(address, false);
    publish(journal, CHANGED, "after");
    // The client reads what was on its way, is told what it has lost, and what was held back of the rest.
    let (mut held, mut got, mut lost) = (0, BTreeSet::new(), 0);
    loop {
        let message = client.next();
        let data = &message["data"];
        match message["type"].as_str().unwrap() {
            "flood" => assert!(got.insert(message["seq"].as_u64().unwrap())),
            "gap" => lost += data["to"].as_u64().unwrap() - data["from"].as_u64().unwrap() + 1,
            "file:summary" => {
                held = data["changed"].as_u64().unwrap();
                assert_eq!(message["seq"].as_u64().unwrap(), published as u64);
            }
            "file:changed" => {
                assert_eq!(data["path"], "after");
                break;
            }
            other => panic!("{other}"),
        }
    }
    assert!(lost > 0);
    // With those that it got before: each number once.
    assert_eq!(held + got.len() as u64 + lost + 1, published as u64);
}

#[test]
fn a_connection_on_standby_says_what_it_held_back_while_it_was_active() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let mut first = Client::sdk(address, "?v=1");
    assert_eq!(first.word(), "hello");
    set_silent(address, true);
    publish(journal, CHANGED, "inside");
    publish(journal, "other", "");
    assert_eq!(first.word(), "other@2");
    let mut second = Client::sdk(address, "?v=1");
    assert_eq!(
        (first.word(), second.word()),
        ("standby".into(), "hello".into())
    );
    publish(journal, CHANGED, "inside");
    publish(journal, CHANGED, "inside");
    set_silent(address, false);
    publish(journal, CHANGED, "after");
    assert_eq!(first.word(), "1 held back@2");
    assert_eq!(second.words(2), ["2 held back@4", "after@5"]);
    drop(second);
    assert_eq!(first.words(2), ["active", "gap 3 to 5"]);
}
