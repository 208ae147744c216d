//! How connections end over TLS: with a close frame, then with a `close_notify`.

use loopwire_channel::ListenerOptions;

use crate::house::House;

#[test]
fn a_listener_that_closes_says_so_in_both_layers() {
    let house = House::open();
    let mut clients: Vec<_> = (0..5).map(|_| house.visit("")).collect();
    assert!(clients.iter_mut().all(|client| client.is_at_ease()));
    let closing = house.close();
    for client in &mut clients {
        client.farewell(1001);
    }
    closing.join().unwrap();
    assert_eq!(house.listener.connected(), 0);
    house.is_sound();
}

#[test]
fn a_listener_closes_on_clients_that_hear_nothing() {
    let house = House::open();
    let clients: Vec<_> = (0..5).map(|_| house.visit("")).collect();
    house.close().join().unwrap();
    assert_eq!(house.listener.connected(), 0);
    drop(clients);
}

#[test]
fn a_message_that_is_too_big_ends_the_connection() {
    let house = House::with(ListenerOptions {
        max_message_bytes: 1_000,
        ..ListenerOptions::default()
    });
    let mut client = house.visit("");
    client.say("x".repeat(1_001));
    client.farewell(1009);
}

#[test]
fn a_client_that_vanishes_is_forgotten() {
    let house = House::open();
    for _ in 0..20 {
        let mut client = house.visit("");
        assert!(client.is_at_ease());
    }
    house.until("all are gone", |house| house.listener.connected() == 0);
    house.is_sound();
}
