//! Real failures, and the codes by which one can act on them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{Ended, Fixture, write_program};
use crate::servers::{FAILING, saying, silent};
use crate::support::is_root;

/// The operation must fail with that code, and a sentence that names what is wrong.
fn fails(ended: &Ended, code: &str, words: &str) {
    assert_eq!(ended.kind, "git:error", "{}", ended.data);
    assert_eq!(ended.code(), code, "{}", ended.data);
    let message = ended.data["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    let keys: Vec<_> = ended.data.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "code", "message"]);
}

fn clone_of(fixture: &Fixture, url: &str) -> Ended {
    fixture.run("git:clone", &json!({"url": url, "targetDir": "copy"}))
}

#[test]
fn what_is_not_there_is_not_found() {
    let fixture = Fixture::new();
    fixture.cloned("work");
    fs::create_dir(fixture.inside("plain")).unwrap();
    let missing = fixture.path("missing.git");
    fails(
        &clone_of(&fixture, missing.to_str().unwrap()),
        "NOT_FOUND",
        "missing.git",
    );
    assert_eq!(fixture.server.names(), ["plain", "work"]);
    let run = |name: &str, data: &Value| fixture.run(name, data);
    let data = json!({"url": fixture.remote(), "targetDir": "copy", "branch": "nope"});
    fails(&run("git:clone", &data), "NOT_FOUND", "nope");
    let branch = json!({"repoPath": "work", "branch": "nope"});
    for name in ["git:fetch", "git:pull", "git:push", "git:checkout"] {
        fails(&run(name, &branch), "NOT_FOUND", "nope");
    }
    fails(
        &run("git:fetch", &json!({"repoPath": "gone"})),
        "NOT_FOUND",
        "no such",
    );
    let plain = json!({"repoPath": "plain"});
    fails(
        &run("git:fetch", &plain),
        "NOT_A_REPOSITORY",
        "not a git repository",
    );
    fixture.git(&fixture.inside("plain"), &["init", "-q"]);
    fails(&run("git:fetch", &plain), "NOT_FOUND", "no remote");
    fixture.git(&fixture.inside("work"), &["checkout", "-q", "--detach"]);
    fails(
        &run("git:push", &json!({"repoPath": "work"})),
        "NOT_FOUND",
        "no branch",
    );
    fixture.git(
        fixture.server.root(),
        &["clone", "-q", "--bare", &fixture.remote(), "bare"],
    );
    let bare = json!({"repoPath": "bare"});
    assert_eq!(run("git:fetch", &bare).kind, "git:complete");
    fails(&run("git:pull", &bare), "NOT_A_REPOSITORY", "bare");
}

#[test]
fn what_is_there_already_is_told_and_stays() {
    let fixture = Fixture::new();
    let work = fixture.cloned("work");
    fixture.server.write_file("file", "x");
    for target in ["work", "file", "."] {
        let data = json!({"url": fixture.remote(), "targetDir": target});
        fails(&fixture.run("git:clone", &data), "EXISTS", "");
    }
    assert!(work.join("a.txt").exists());
    let create = json!({"repoPath": "work", "branch": "main", "create": true});
    fails(
        &fixture.run("git:checkout", &create),
        "EXISTS",
        "already exists",
    );
}

#[test]
fn conflicts_are_told_apart_from_rejections() {
    let fixture = Fixture::new();
    let (seed, work) = (fixture.path("seed"), fixture.cloned("work"));
    let at = json!({"repoPath": "work"});
    fixture.commit(&seed, "a.txt", "theirs");
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    // A change that is not committed.
    fs::write(work.join("a.txt"), "mine").unwrap();
    fails(&fixture.run("git:pull", &at), "CONFLICT", "overwritten");
    assert_eq!(fs::read(work.join("a.txt")).unwrap(), b"mine");
    fixture.git(
        &work,
        &["branch", "-q", "--no-track", "far", "origin/main~1"],
    );
    fixture.git(&work, &["commit", "-q", "-am", "mine"]);
    fails(&fixture.run("git:push", &at), "REJECTED", "rejected");
    fails(&fixture.run("git:pull", &at), "CONFLICT", "onflict");
    fails(&fixture.run("git:pull", &at), "CONFLICT", "");
    let branch = json!({"repoPath": "work", "branch": "far"});
    fails(&fixture.run("git:checkout", &branch), "CONFLICT", "");
    fixture.git(&work, &["merge", "--abort"]);
    fs::write(work.join("c.txt"), "not tracked").unwrap();
    let other = json!({"repoPath": "work", "branch": "other"});
    fails(
        &fixture.run("git:checkout", &other),
        "CONFLICT",
        "overwritten",
    );
    // Only fast-forward, as the user has decided.
    fixture.git(&work, &["config", "pull.ff", "only"]);
    fails(&fixture.run("git:pull", &at), "REJECTED", "");
    // A hook of the server.
    fixture.git(&work, &["reset", "-q", "--hard", "origin/main"]);
    fixture.commit(&work, "d.txt", "d");
    let hook = fixture.path("remote.git/hooks/pre-receive");
    write_program(&hook, "#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n");
    fails(&fixture.run("git:push", &at), "REJECTED", "hook declined");
}

#[test]
fn a_lock_that_another_git_has_left_is_told() {
    let fixture = Fixture::new();
    let work = fixture.cloned("work");
    fs::write(work.join(".git/index.lock"), "").unwrap();
    let other = json!({"repoPath": "work", "branch": "other"});
    fails(&fixture.run("git:checkout", &other), "LOCKED", "");
}

#[test]
fn a_network_that_fails_is_told_and_no_credentials_are() {
    let fixture = Fixture::new();
    // Nobody listens there any more.
    let (_, free) = silent();
    fails(
        &clone_of(&fixture, &format!("git://{free}/r")),
        "NETWORK",
        "",
    );
    fails(
        &clone_of(&fixture, &format!("http://ann:s3cret@{free}/r")),
        "NETWORK",
        "",
    );
    fails(
        &clone_of(&fixture, "https://no-such-host.invalid/r"),
        "NETWORK",
        "",
    );
    // No TLS at the other end, and a server that closes at once.
    let address = saying(FAILING);
    fails(
        &clone_of(&fixture, &format!("https://{address}/r")),
        "NETWORK",
        "",
    );
    fails(
        &clone_of(&fixture, &format!("http://{address}/r")),
        "NETWORK",
        "500",
    );
    fails(
        &clone_of(&fixture, &format!("git://{address}/r")),
        "NETWORK",
        "",
    );
    for event in fixture.server.events() {
        assert!(
            !event.contains("s3cret") && !event.contains("ann"),
            "{event}"
        );
    }
    assert!(fixture.server.names().is_empty());
}

#[test]
fn a_git_that_is_missing_too_old_or_broken_is_told_and_looked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap().to_owned();
    let fixture = Fixture::with(|options| options.env.push(("PATH".to_owned(), path)));
    let program = dir.path().join("git");
    let put = |script: &str| {
        let new = dir.path().join("new");
        write_program(&new, &format!("#!/bin/sh\n{script}\n"));
        fs::rename(new, &program).unwrap();
    };
    let fetch = || fixture.run("git:fetch", &json!({"repoPath": "."}));
    fails(&fetch(), "GIT_NOT_FOUND", "no git in PATH");
    put("echo git version 2.29.3");
    fails(
        &fetch(),
        "GIT_NOT_FOUND",
        "2.29.3 is too old: install git 2.30",
    );
    put("echo 'xcode-select: note: no developer tools' >&2; exit 1");
    fails(&fetch(), "GIT_NOT_FOUND", "no developer tools");
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|dir| dir.join("git"))
        .find(|path| path.exists())
        .unwrap();
    put(&format!("exec {} \"$@\"", real.display()));
    fails(&fetch(), "NOT_A_REPOSITORY", "");
}

#[test]
fn a_repository_of_another_user_is_refused_as_git_does() {
    let fixture = Fixture::new();
    let work = fixture.cloned("work");
    let version = fixture.git(&work, &["--version"]);
    // The first git that looks at the owner is 2.30.3.
    let looks =
        !["2.30.0", "2.30.1", "2.30.2"].contains(&version.trim_start_matches("git version "));
    if !is_root() || !looks {
        let test = "a_repository_of_another_user_is_refused_as_git_does";
        println!(
            "SKIPPED: {test}: only root can give files away, and git 2.30.3 is the first to look"
        );
        return;
    }
    chown(&work, 65_534);
    let ended = fixture.run("git:fetch", &json!({"repoPath": "work"}));
    fails(&ended, "DUBIOUS_OWNERSHIP", "dubious ownership");
}

fn chown(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            chown(&entry.unwrap().path(), user);
        }
    }
}
