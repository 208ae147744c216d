//! How many commands may be under way: the reader pauses, and goes on as soon as there is room.

use serde_json::json;

use crate::house::House;

/// As PROTOCOL section 7 has it for messages.
const MAX_UNDER_WAY: usize = 64;

#[test]
fn sixty_four_are_under_way_and_the_next_one_waits_in_the_kernel() {
    let house = House::open();
    let mut client = house.visit();
    for at in 0..=MAX_UNDER_WAY {
        client.say(format!(r#"{{"type":"test:keep","data":{{"id":{at}}}}}"#));
    }
    let mut kept: Vec<_> = (0..MAX_UNDER_WAY).map(|_| house.kept()).collect();
    assert!(house.kept_soon().is_none(), "the reader goes on at 64");
    // Nobody else is held up.
    assert!(house.visit().is_at_ease());
    kept.pop().unwrap().send(&json!({"room": true}));
    let last = house.kept();
    assert_eq!(
        client.answer()["data"],
        json!({"room": true, "id": MAX_UNDER_WAY - 1})
    );
    last.send(&json!({}));
    assert_eq!(client.answer()["data"]["id"], MAX_UNDER_WAY);
    for (at, reply) in kept.into_iter().enumerate() {
        reply.send(&json!({}));
        assert_eq!(client.answer()["data"]["id"], at);
    }
    assert!(client.is_at_ease());
}

#[test]
fn a_full_desk_is_no_reason_to_stay() {
    let house = House::open();
    let mut client = house.visit();
    for _ in 0..=2 * MAX_UNDER_WAY {
        client.say(r#"{"type":"test:keep","data":{}}"#);
    }
    let kept: Vec<_> = (0..MAX_UNDER_WAY).map(|_| house.kept()).collect();
    // Closed by us: what stands before the client's answer is read, and asks nobody for anything.
    assert!(house.listener.disconnect("conn-1"));
    assert!(matches!(
        client.0.read(),
        Ok(tungstenite::Message::Close(_))
    ));
    while client.0.read().is_ok() {}
    house.until("it is gone", |house| house.listener.connected() == 0);
    assert!(house.kept_soon().is_none());
    drop(kept);
}

#[test]
fn many_more_than_fit_are_all_answered() {
    let house = House::open();
    let mut client = house.visit();
    let many = 1_000;
    house.clerk.gate.add_permits(many);
    for at in 0..many {
        client.say(format!(r#"{{"type":"test:later","data":{{"id":{at}}}}}"#));
    }
    let mut ids: Vec<_> = (0..many)
        .map(|_| client.answer()["data"]["id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..many as u64));
}
