//! The messages that the channel itself makes of commands, against `fixtures/commands.json`, byte for byte.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::house::House;

#[derive(Deserialize)]
struct Fixture {
    name: String,
    command: Box<RawValue>,
    reply: Box<RawValue>,
}

#[test]
fn what_the_channel_says_is_what_the_fixtures_have() {
    let text = include_str!("../../../../fixtures/commands.json");
    let fixtures: Vec<Fixture> = serde_json::from_str(text).unwrap();
    let house = House::open();
    let mut checked = 0;
    for fixture in fixtures {
        let name = fixture.name.as_str();
        // What engines answer is in their tests.
        let engines = ["NO_WORKSPACE", "NOT_FORWARDED", "ROTATE_FAILED"];
        let engines = engines.iter().any(|code| name.ends_with(code));
        if engines || !(name.starts_with("error: ") || name == "ping") {
            continue;
        }
        let mut client = house.visit();
        client.say(fixture.command.get());
        let kept = (name == "error: ID_IN_USE").then(|| {
            let reply = house.kept();
            client.say(fixture.command.get());
            reply
        });
        assert_eq!(client.hear_dated(), fixture.reply.get(), "{name}");
        drop(kept);
        checked += 1;
    }
    assert_eq!(checked, 6);
}
