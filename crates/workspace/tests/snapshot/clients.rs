//! The commands of clients: each has exactly one end, which has its id.

use loopwire_channel::CommandError;
use loopwire_workspace::{Created, SnapshotOrder, SnapshotPhase, SnapshotRun};
use serde_json::{Value, json};

use crate::support::{Client, SnapshotServer};

/// The next message that is no progress.
fn next(client: &mut Client) -> Value {
    loop {
        let message = client.receive();
        if message["type"] != "snapshot:progress" {
            return message;
        }
    }
}

/// The data of the next message that is no progress, which must be of that type.
fn expect(client: &mut Client, kind: &str) -> Value {
    let mut message = next(client);
    assert_eq!(message["type"], kind, "{message}");
    message["data"].take()
}

#[test]
fn a_command_has_one_end_with_its_id_and_the_others_hear_of_it() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    let (mut asker, mut other) = (server.connect(), server.connect());
    asker.command("snapshot:create", &json!({"message": "m", "id": "mine"}));
    let created = expect(&mut asker, "snapshot:created");
    assert_eq!(
        (&created["id"], &created["files"]),
        (&json!("mine"), &json!(1))
    );
    assert_eq!(expect(&mut other, "snapshot:created"), created);
    let hash = created["commitHash"].as_str().unwrap();
    asker.command("snapshot:list", &json!({"id": 1}));
    let listed = expect(&mut asker, "snapshot:list");
    assert_eq!(listed["snapshots"][0]["commitHash"], hash);
    assert_eq!(listed["id"], 1);
    asker.command("snapshot:delete", &json!({"commitHash": hash, "id": 2}));
    let deleted = expect(&mut asker, "snapshot:delete");
    assert_eq!(deleted, json!({"commitHash": hash, "id": 2}));
    asker.command("snapshot:restore", &json!({"commitHash": hash, "id": 3}));
    let refused = expect(&mut asker, "error");
    assert_eq!(refused["code"], "SNAPSHOT_NOT_FOUND");
    assert_eq!(
        (&refused["command"], &refused["id"]),
        (&json!("snapshot:restore"), &json!(3))
    );
    assert!(asker.answers_ping() && other.answers_ping());
}

#[test]
fn more_than_can_wait_are_refused_and_each_is_answered() {
    let server = SnapshotServer::open();
    server.create();
    let mut client = server.connect();
    let lock = server.lock();
    for id in 0..20 {
        client.command("snapshot:create", &json!({"id": id}));
    }
    // One has the turn, 15 wait behind it.
    let refused: Vec<_> = (0..4)
        .map(|_| expect(&mut client, "error")["code"].clone())
        .collect();
    assert_eq!(refused, ["BUSY", "BUSY", "BUSY", "BUSY"]);
    drop(lock);
    let mut ids: Vec<_> = (0..16)
        .map(|_| {
            expect(&mut client, "snapshot:created")["id"]
                .as_u64()
                .unwrap()
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 16);
    assert!(client.answers_ping());
    assert_eq!(server.list().len(), 17);
}

#[test]
fn a_snapshot_is_taken_although_its_client_has_left() {
    let server = SnapshotServer::open();
    server.write("a", "1");
    server.create();
    let lock = server.lock();
    let (mut asker, mut other) = (server.connect(), server.connect());
    asker.command("snapshot:create", &json!({"id": 7}));
    assert_eq!(other.expect("snapshot:progress")["phase"], "waiting");
    asker.disconnect();
    drop(lock);
    assert_eq!(expect(&mut other, "snapshot:created")["id"], 7);
}

#[test]
fn closing_ends_what_waits_and_whoever_shows_progress_is_told() {
    let server = SnapshotServer::open();
    server.create();
    let lock = server.lock();
    let (mut asker, mut other) = (server.connect(), server.connect());
    asker.command("snapshot:create", &json!({"id": 7}));
    assert_eq!(other.expect("snapshot:progress")["phase"], "waiting");
    server.block_on(server.workspace.close());
    assert_eq!(
        other.expect("snapshot:progress"),
        json!({
            "phase": "failed", "done": 0, "total": 0, "bytes": 0, "id": 7,
        })
    );
    let refused = expect(&mut asker, "error");
    assert_eq!(
        (&refused["code"], &refused["id"]),
        (&json!("NO_WORKSPACE"), &json!(7))
    );
    drop(lock);
}

/// Takes a snapshot, and cancels it when it is in this phase.
fn cancelled_in(
    phase: SnapshotPhase,
    server: &SnapshotServer,
) -> Result<(Created, usize), CommandError> {
    let run = SnapshotRun::default();
    server.block_on(async {
        let order = SnapshotOrder::default();
        let taken = server.snapshots().create_with(order, &run);
        let cancel = async {
            let mut seen = 0;
            while let Some((number, progress)) = run.next(seen).await {
                seen = number;
                if progress.phase == phase {
                    return run.cancel();
                }
            }
        };
        tokio::join!(taken, cancel).0
    })
}

#[test]
fn a_snapshot_is_cancelled_while_it_waits() {
    let server = SnapshotServer::open();
    server.create();
    let lock = server.lock();
    let taken = cancelled_in(SnapshotPhase::Waiting, &server);
    assert_eq!(taken.unwrap_err().code, "CANCELLED");
    drop(lock);
    assert_eq!(server.list().len(), 1);
    server.create();
}

#[test]
fn a_snapshot_is_cancelled_while_it_reads() {
    let server = SnapshotServer::open();
    let mut complete = 0;
    let cancelled = (0..5).any(|round| {
        for number in 0..3_000 {
            server.write(
                &format!("{}/{number}", number % 50),
                format!("{round} {number}"),
            );
        }
        match cancelled_in(SnapshotPhase::Storing, &server) {
            // On a machine that stalls it may have been complete just before.
            Ok(_) => complete += 1,
            Err(error) => assert_eq!(error.code, "CANCELLED"),
        }
        assert_eq!(server.list().len(), complete);
        complete <= round
    });
    assert!(cancelled);
    assert_eq!(server.take("").0.files, 3_000);
    server.check_store();
}

#[test]
fn a_workspace_with_too_many_files_is_refused() {
    let server = SnapshotServer::with(|options| options.max_snapshot_files = 2);
    for name in ["a", "b", "c"] {
        server.write(name, "1");
    }
    let mut client = server.connect();
    assert_eq!(
        client.refused("snapshot:create", &json!({})),
        "TOO_MANY_FILES"
    );
    assert_eq!(client.refused("snapshot:create", &json!([])), "BAD_MESSAGE");
    assert_eq!(client.refused("snapshot:none", &json!({})), "UNKNOWN_TYPE");
}
