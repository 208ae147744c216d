//! `silent=true`: the silence of one connection, for its life.

use crate::client::{Client, set_silent, silent};
use crate::engine::{publish, server};

const CHANGED: &str = "file:changed";

#[test]
fn it_concerns_that_connection_alone_and_is_summed_up_when_the_listener_closes_it() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    let (mut muted, mut other) = (
        Client::open(address, "&silent=true"),
        Client::open(address, ""),
    );
    assert_eq!(silent(address), [true, false]);
    publish(journal, CHANGED, "one");
    publish(journal, "file:overflow", "root");
    publish(journal, CHANGED, "two");
    // The silent mode of the listener begins and ends inside of it.
    set_silent(address, true);
    publish(journal, CHANGED, "inside");
    set_silent(address, false);
    publish(journal, "end", "");
    assert_eq!(muted.words(2), ["file:overflow", "end"]);
    let words = ["one", "file:overflow", "two", "1 held back", "end"];
    assert_eq!(other.words(5), words);
    for connection in server.listener.connections() {
        assert!(server.listener.disconnect(&connection.info.id));
    }
    assert_eq!(muted.word(), "3 held back");
    assert!(crate::support::receive(&mut muted.0).is_close());
    assert!(crate::support::receive(&mut other.0).is_close());
}

#[test]
fn a_connection_that_held_nothing_back_is_closed_without_a_summary() {
    let server = server();
    let mut client = Client::open(server.address(), "&silent=true");
    assert!(server.listener.disconnect("conn-1"));
    assert!(crate::support::receive(&mut client.0).is_close());
}

#[test]
fn a_resumed_silent_connection_counts_what_it_missed() {
    let server = server();
    let (address, journal) = (server.address(), &server.journal);
    publish(journal, CHANGED, "one");
    publish(journal, "other", "");
    publish(journal, CHANGED, "two");
    let mut client = Client::open(address, "&v=1&silent=true&since=0");
    assert_eq!(client.words(3), ["hello", "resumed", "other@2"]);
    publish(journal, "end", "");
    assert_eq!(client.word(), "end@4");
    assert!(server.listener.disconnect("conn-1"));
    assert_eq!(client.word(), "2 held back@4");
}
