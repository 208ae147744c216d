//! Several operations at a time.

use std::collections::HashMap;

use serde_json::json;

use crate::fixture::{Fixture, ended};
use crate::servers::silent;

#[test]
fn operations_in_one_repository_run_in_the_order_in_which_they_were_asked_for() {
    let fixture = Fixture::new();
    let work = fixture.cloned("work");
    let mut client = fixture.server.connect();
    for round in 0..5 {
        let branch = format!("b{round}");
        let create = json!({"repoPath": "work", "branch": branch, "create": true, "id": branch});
        client.command("git:checkout", &create);
        let id = format!("p{round}");
        client.command(
            "git:push",
            &json!({"repoPath": "work", "branch": branch, "id": id}),
        );
    }
    let mut ends = Vec::new();
    while ends.len() < 10 {
        let value = client.receive();
        if value["type"] != "git:progress" {
            assert_eq!(value["type"], "git:complete", "{value}");
            ends.push(value["data"]["id"].as_str().unwrap().to_owned());
        }
    }
    let expected: Vec<_> = (0..5)
        .flat_map(|round| [format!("b{round}"), format!("p{round}")])
        .collect();
    assert_eq!(ends, expected);
    assert_eq!(
        fixture.git(&work, &["symbolic-ref", "--short", "HEAD"]),
        "b4"
    );
}

#[test]
fn each_operation_has_one_end_however_many_there_are() {
    let fixture = Fixture::new();
    for name in ["w0", "w1"] {
        fixture.cloned(name);
    }
    let mut client = fixture.server.connect();
    let (mut refused, mut ends) = (0, HashMap::new());
    for number in 0..40 {
        let repository = format!("w{}", number % 2);
        client.command("git:fetch", &json!({"repoPath": repository, "id": number}));
        if number % 5 == 0 {
            client.command("git:cancel", &json!({"id": number}));
        }
    }
    let mut answered = 0;
    while answered < 40 {
        let value = client.receive();
        match value["type"].as_str().unwrap() {
            "git:progress" => {}
            "error" if value["data"]["command"] == "git:cancel" => {}
            "error" => {
                assert_eq!(value["data"]["code"], "TOO_MANY_OPERATIONS", "{value}");
                refused += 1;
                answered += 1;
            }
            _ => {
                *ends
                    .entry(value["data"]["id"].as_u64().unwrap())
                    .or_insert(0) += 1;
                answered += 1;
            }
        }
    }
    assert!(ends.values().all(|count| *count == 1), "{ends:?}");
    assert!(ends.len() >= 16 && refused + ends.len() == 40);
    assert!(client.answers_ping());
}

#[test]
fn an_id_that_is_in_use_is_refused_and_is_free_again_behind_the_end() {
    let fixture = Fixture::new();
    fixture.cloned("work");
    let mut client = fixture.server.connect();
    let (listener, address) = silent();
    let url = format!("git://{address}/x");
    client.command(
        "git:clone",
        &json!({"url": url, "targetDir": "a", "id": "same"}),
    );
    let mut other = fixture.server.connect();
    let data = json!({"repoPath": "work", "id": "same"});
    let _connection = listener.accept().unwrap();
    other.command("git:fetch", &data);
    let answer = ended(&mut other);
    assert_eq!(
        (answer.kind.as_str(), answer.code()),
        ("error", "ID_IN_USE")
    );
    other.command("git:cancel", &json!({"id": "same"}));
    assert_eq!(ended(&mut other).code(), "CANCELLED");
    other.command("git:fetch", &data);
    assert_eq!(ended(&mut other).kind, "git:complete");
}

#[test]
fn of_two_clones_into_one_directory_the_first_one_stays() {
    let fixture = Fixture::new();
    let mut client = fixture.server.connect();
    for id in [1, 2] {
        let data = json!({"url": fixture.remote(), "targetDir": "copy", "id": id});
        client.command("git:clone", &data);
    }
    let mut ends = HashMap::new();
    while ends.len() < 2 {
        let value = client.receive();
        if value["type"] != "git:progress" {
            ends.insert(value["data"]["id"].as_u64().unwrap(), value);
        }
    }
    assert_eq!(ends[&1]["type"], "git:complete", "{}", ends[&1]);
    assert_eq!(ends[&2]["data"]["code"], "EXISTS", "{}", ends[&2]);
    assert!(fixture.inside("copy/a.txt").exists());
}
