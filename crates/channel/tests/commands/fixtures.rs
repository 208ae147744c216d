//! The messages that the channel itself makes of commands, against `fixtures/commands.json`, byte for byte.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::server::CommandServer;

#[derive(Deserialize)]
struct Fixture {
    name: String,
    command: Box<RawValue>,
    reply: Box<RawValue>,
}

#[test]
fn the_replies_are_those_of_the_fixtures() {
    let text = include_str!("../../../../fixtures/commands.json");
    let fixtures: Vec<Fixture> = serde_json::from_str(text).unwrap();
    let server = CommandServer::start();
    let mut checked = 0;
    for fixture in fixtures {
        let name = fixture.name.as_str();
        // What engines answer is in their tests.
        let engines = ["NO_WORKSPACE", "NOT_FORWARDED", "ROTATE_FAILED"];
        let engines = engines.iter().any(|code| name.ends_with(code));
        if engines || !(name.starts_with("error: ") || name == "ping") {
            continue;
        }
        let mut client = server.open_client();
        client.send_text(fixture.command.get());
        let kept = (name == "error: ID_IN_USE").then(|| {
            let reply = server.kept();
            client.send_text(fixture.command.get());
            reply
        });
        assert_eq!(client.receive_dated(), fixture.reply.get(), "{name}");
        drop(kept);
        checked += 1;
    }
    assert_eq!(checked, 6);
}
