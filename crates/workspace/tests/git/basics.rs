//! What git does for a client and for the application.

use std::fs;
use std::time::Instant;

use loopwire_workspace::{Action, Exchange, GitRequest};
use serde_json::json;

use crate::fixture::{Fixture, ended};

#[test]
fn a_clone_tells_its_progress_and_its_commit() {
    let fixture = Fixture::new();
    let seed = fixture.path("seed");
    for number in 0..200 {
        fs::write(
            seed.join(format!("{number}.txt")),
            format!("{number}\n").repeat(500),
        )
        .unwrap();
    }
    fixture.git(&seed, &["add", "."]);
    fixture.git(&seed, &["commit", "-q", "-m", "many"]);
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    let began = Instant::now();
    let ended = fixture.clone_to("deep/down/copy");
    // The first one, one each 100 ms, and the last one.
    let most = began.elapsed().as_millis() / 100 + 2;
    assert!(
        ended.progress.len() as u128 <= most,
        "{}",
        ended.progress.len()
    );
    assert_eq!(ended.commit(), fixture.git(&seed, &["rev-parse", "HEAD"]));
    assert_eq!(ended.data["id"], "deep/down/copy");
    let (mut last, mut phases) = (0, Vec::new());
    for progress in &ended.progress {
        let percent = progress["percent"].as_u64().unwrap();
        assert!((last..=100).contains(&percent), "{progress}");
        last = percent;
        phases.push(progress["phase"].as_str().unwrap().to_owned());
        let keys: Vec<_> = progress.as_object().unwrap().keys().collect();
        let expected = "percent status phase received total bytes bytesPerSecond id";
        assert_eq!(keys, expected.split(' ').collect::<Vec<_>>());
        assert!(!progress["status"].as_str().unwrap().is_empty());
    }
    assert_eq!(last, 100);
    assert_eq!(phases.first().unwrap(), "starting");
    assert_eq!(phases.last().unwrap(), "done");
    assert!(fixture.inside("deep/down/copy/199.txt").exists());
    let origin = fixture.git(
        &fixture.inside("deep/down/copy"),
        &["remote", "get-url", "origin"],
    );
    assert_eq!(origin, fixture.remote());
    // No template of the user's, and so no hook.
    assert!(!fixture.inside("deep/down/copy/.git/hooks").exists());
}

#[test]
fn a_clone_may_be_shallow_of_a_branch_and_into_an_empty_root() {
    let fixture = Fixture::new();
    let data = json!({"url": fixture.remote(), "targetDir": ".", "branch": "other", "depth": 1});
    let ended = fixture.run("git:clone", &data);
    assert_eq!(
        ended.commit(),
        fixture.git(&fixture.path("seed"), &["rev-parse", "other"])
    );
    assert_eq!(ended.data["id"], "git-1");
    let root = fixture.server.root();
    assert_eq!(fixture.git(root, &["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(fs::read(root.join("c.txt")).unwrap(), b"third");
}

#[test]
fn an_empty_repository_has_no_commit() {
    let fixture = Fixture::new();
    fixture.git(fixture.dir.path(), &["init", "-q", "--bare", "empty.git"]);
    let url = fixture.path("empty.git");
    let ended = fixture.run("git:clone", &json!({"url": url, "targetDir": "a"}));
    assert_eq!(ended.kind, "git:complete", "{}", ended.data);
    assert!(ended.data["commit"].is_null());
}

#[test]
fn fetch_pull_push_and_checkout_do_what_git_does() {
    let fixture = Fixture::new();
    let (seed, work) = (fixture.path("seed"), fixture.cloned("work"));
    let new = fixture.commit(&seed, "new.txt", "new");
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    let at = json!({"repoPath": "work"});

    assert_eq!(fixture.run("git:fetch", &at).commit(), new);
    assert_eq!(fixture.git(&work, &["rev-parse", "origin/main"]), new);
    assert!(!work.join("new.txt").exists());

    let pulled = fixture.run("git:pull", &at);
    assert_eq!(pulled.commit(), new);
    assert_eq!(fs::read(work.join("new.txt")).unwrap(), b"new");

    // Both have something new: they are merged.
    let ours = fixture.commit(&work, "ours.txt", "ours");
    fixture.commit(&seed, "theirs.txt", "theirs");
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    let merged = fixture.run("git:pull", &at).commit().to_owned();
    assert_ne!(merged, ours);
    assert!(work.join("theirs.txt").exists() && work.join("ours.txt").exists());

    let pushed = fixture.run("git:push", &at);
    assert_eq!(pushed.commit(), merged);
    assert_eq!(
        fixture.git(&fixture.path("remote.git"), &["rev-parse", "main"]),
        merged
    );
    let phases: Vec<_> = pushed.progress.iter().map(|one| &one["phase"]).collect();
    assert_eq!(phases.last().unwrap().as_str(), Some("done"));

    // A branch that only the remote has, one that is new, and a commit.
    let other = fixture.git(&seed, &["rev-parse", "other"]);
    let branch = json!({"repoPath": "work", "branch": "other"});
    assert_eq!(fixture.run("git:checkout", &branch).commit(), other);
    assert_eq!(
        fixture.git(&work, &["symbolic-ref", "--short", "HEAD"]),
        "other"
    );
    let new = json!({"repoPath": "work", "branch": "feature/x", "create": true});
    assert_eq!(fixture.run("git:checkout", &new).commit(), other);
    let commit = json!({"repoPath": "work", "branch": ours});
    assert_eq!(fixture.run("git:checkout", &commit).commit(), ours);

    // A branch that is not checked out.
    let feature = json!({"repoPath": "work", "branch": "feature/x"});
    assert_eq!(fixture.run("git:push", &feature).commit(), other);
    let data = json!({"repoPath": "work", "branch": "other"});
    assert_eq!(fixture.run("git:fetch", &data).commit(), other);
}

#[test]
fn a_forced_push_overwrites_what_was_fetched_and_nothing_newer() {
    let fixture = Fixture::new();
    let (seed, work) = (fixture.path("seed"), fixture.cloned("work"));
    fixture.git(&work, &["commit", "-q", "--amend", "-m", "other words"]);
    let plain = json!({"repoPath": "work"});
    let forced = json!({"repoPath": "work", "force": true});
    assert_eq!(fixture.run("git:push", &plain).code(), "REJECTED");
    let amended = fixture.git(&work, &["rev-parse", "HEAD"]);
    assert_eq!(fixture.run("git:push", &forced).commit(), amended);
    // Somebody else has pushed meanwhile.
    fixture.git(&seed, &["fetch", "-q", "origin"]);
    fixture.git(&seed, &["reset", "-q", "--hard", "origin/main"]);
    let theirs = fixture.commit(&seed, "theirs.txt", "theirs");
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    fixture.git(&work, &["commit", "-q", "--amend", "-m", "and others"]);
    assert_eq!(fixture.run("git:push", &forced).code(), "REJECTED");
    assert_eq!(
        fixture.git(&fixture.path("remote.git"), &["rev-parse", "main"]),
        theirs
    );
}

#[test]
fn the_application_follows_its_operations_and_all_clients_hear_of_them() {
    let fixture = Fixture::new();
    let mut client = fixture.server.connect();
    let git = fixture.server.workspace.git().unwrap().clone();
    let request = |id: &str, action| GitRequest {
        id: Some(json!(id)),
        action,
        auth: None,
        asker: None,
        timeout: None,
    };
    let clone = Action::Clone {
        url: fixture.remote(),
        target_dir: "copy".to_owned(),
        branch: None,
        depth: None,
    };
    let mut operation = git.start(request("mine", clone)).unwrap();
    assert_eq!(operation.id(), &json!("mine"));
    let (percent, done) = fixture.server.block_on(async {
        let mut percent = 0;
        while let Some(progress) = operation.progress().await {
            assert!(progress.percent >= percent);
            percent = progress.percent;
        }
        (percent, operation.done().await)
    });
    assert_eq!(percent, 100);
    let heard = ended(&mut client);
    assert_eq!(heard.commit(), done.unwrap().commit.unwrap());
    let fetch = Action::Fetch(Exchange {
        repo_path: "nowhere".to_owned(),
        ..Exchange::default()
    });
    let operation = git.start(request("mine", fetch)).unwrap();
    let refused = fixture.server.block_on(operation.done()).unwrap_err();
    assert_eq!(refused.code, "NOT_FOUND");
    assert_eq!(ended(&mut client).code(), "NOT_FOUND");
    let odd = Action::Checkout {
        repo_path: "copy".to_owned(),
        branch: "-f".to_owned(),
        create: false,
    };
    assert_eq!(
        git.start(request("mine", odd)).unwrap_err().code,
        "BAD_MESSAGE"
    );
}
