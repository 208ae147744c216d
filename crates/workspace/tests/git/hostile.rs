//! What a stranger may send. Nothing of it runs.

use std::fs;
use std::io::Write as _;

use loopwire_workspace::GitProtocol;
use serde_json::json;

use crate::fixture::{Fixture, ended};
use crate::servers::{ASKING, read, silent};
use crate::support::command_lines;

#[test]
fn an_option_in_place_of_a_url_a_branch_or_a_path_is_refused() {
    let fixture = Fixture::new();
    fixture.cloned("work");
    let canary = fixture.canary("option");
    let mut client = fixture.server.connect();
    for url in [
        format!("--upload-pack={canary}"),
        format!("-u{canary}"),
        format!("--config=core.sshCommand={canary}"),
        format!("ssh://-oProxyCommand={canary}/x"),
        format!("-oProxyCommand={canary}:x"),
        format!("ssh://x@-oProxyCommand={canary}/x"),
        format!("ext::{canary}"),
        format!("ext::sh -c {canary}"),
        "fd::3".to_owned(),
        "https://h/\nx".to_owned(),
        String::new(),
    ] {
        let data = json!({"url": url, "targetDir": "copy"});
        assert_eq!(client.refused("git:clone", &data), "URL_REFUSED", "{url}");
    }
    for branch in [
        format!("--upload-pack={canary}"),
        "-f".to_owned(),
        "+main".to_owned(),
        "main:other".to_owned(),
        "a b".to_owned(),
    ] {
        let clone = json!({"url": fixture.remote(), "targetDir": "copy", "branch": branch});
        assert_eq!(client.refused("git:clone", &clone), "BAD_MESSAGE");
        let data = json!({"repoPath": "work", "branch": branch});
        for name in ["git:fetch", "git:pull", "git:push", "git:checkout"] {
            assert_eq!(
                client.refused(name, &data),
                "BAD_MESSAGE",
                "{name} {branch}"
            );
        }
    }
    for (name, data) in [
        ("git:clone", json!({"url": "https://h/x"})),
        (
            "git:clone",
            json!({"url": "https://h/x", "targetDir": "x", "depth": 0}),
        ),
        (
            "git:clone",
            json!({"url": "https://h/x", "targetDir": "x", "depth": -1}),
        ),
        (
            "git:clone",
            json!({"url": "https://h/x", "targetDir": "x", "auth": "token"}),
        ),
        ("git:fetch", json!({"repoPath": 7})),
        ("git:fetch", json!([])),
        ("git:checkout", json!({"repoPath": "work"})),
    ] {
        assert_eq!(client.refused(name, &data), "BAD_MESSAGE", "{data}");
    }
    assert_eq!(client.refused("git:push-all", &json!({})), "UNKNOWN_TYPE");
    // A directory may have such a name.
    let ended = fixture.clone_to("--bare");
    assert_eq!(ended.kind, "git:complete", "{}", ended.data);
    assert!(fixture.inside("--bare/a.txt").exists());
    assert!(fixture.canaries().is_empty());
}

#[test]
fn protocols_that_reach_this_machine_are_refused_unless_asked_for() {
    let fixture = Fixture::with(|options| options.git_protocols = GitProtocol::DEFAULT.to_vec());
    let mut client = fixture.server.connect();
    let remote = fixture.remote();
    for url in [
        remote.clone(),
        format!("file://{remote}"),
        "../remote.git".to_owned(),
    ] {
        let data = json!({"url": url, "targetDir": "copy"});
        assert_eq!(client.refused("git:clone", &data), "URL_REFUSED", "{url}");
    }
    // A repository that names such a place: as a remote, for pushes only, by another name, and with a remote helper.
    let work = fixture.cloned("work");
    let canary = fixture.canary("protocol");
    let run = |name: &str| {
        fixture
            .run(name, &json!({"repoPath": "work"}))
            .code()
            .to_owned()
    };
    assert_eq!(run("git:fetch"), "URL_REFUSED");
    fixture.git(
        &work,
        &["remote", "set-url", "origin", "https://h.invalid/x"],
    );
    assert_eq!(run("git:fetch"), "NETWORK");
    fixture.git(&work, &["config", "remote.origin.pushurl", &remote]);
    assert_eq!(run("git:push"), "URL_REFUSED");
    for (key, value) in [
        (format!("url.ext::{canary}.insteadOf"), "https://h.invalid/"),
        ("protocol.allow".to_owned(), "always"),
        ("protocol.ext.allow".to_owned(), "always"),
    ] {
        fixture.git(&work, &["config", &key, value]);
    }
    assert_eq!(run("git:fetch"), "URL_REFUSED");
    assert!(fixture.canaries().is_empty());
}

#[test]
fn an_application_may_ask_for_programs_as_remotes() {
    let fixture = Fixture::with(|options| options.git_protocols = GitProtocol::ALL.to_vec());
    let url = format!("ext::git-upload-pack {}", fixture.remote());
    let ended = fixture.run("git:clone", &json!({"url": url, "targetDir": "copy"}));
    assert_eq!(ended.kind, "git:complete", "{}", ended.data);
}

#[test]
fn a_url_with_credentials_leaves_none_of_them_anywhere() {
    let fixture = Fixture::new();
    let (listener, address) = silent();
    let url = format!("http://ann:s3cret@{address}/r.git");
    let mut client = fixture.server.connect();
    client.command(
        "git:clone",
        &json!({"url": url, "targetDir": "copy", "id": 1}),
    );
    let _connection = listener.accept().unwrap();
    let address = address.to_string();
    let config = fs::read_to_string(fixture.inside("copy/.git/config")).unwrap();
    assert!(
        config.contains(&address) && !config.contains("s3cret") && !config.contains("ann"),
        "{config}"
    );
    let lines = command_lines(&address);
    assert!(!lines.is_empty(), "git and its helper run");
    for (_, line) in lines {
        assert!(!line.contains("s3cret"), "{line}");
    }
    client.command("git:cancel", &json!({"id": 1}));
    assert_eq!(ended(&mut client).code(), "CANCELLED");
    for event in fixture.server.events() {
        assert!(!event.contains("s3cret"), "{event}");
    }
}

#[test]
fn a_password_in_the_url_of_a_remote_reaches_the_server_and_is_in_no_argument() {
    let fixture = Fixture::new();
    let work = fixture.cloned("work");
    let (listener, address) = silent();
    let address = address.to_string();
    let url = format!("http://ann:s3cret@{address}/r.git");
    // The user's own helpers, a name for the host, and the repository's helper: their settings are handed on.
    for (key, value) in [
        ("credential.helper", "!echo password=h3lper;:"),
        ("url.https://h.invalid/.pushInsteadOf", "http://ann:s3cret@"),
    ] {
        fixture.git(&work, &["config", "--global", key, value]);
    }
    fixture.git(&work, &["config", "credential.helper", "!none"]);
    let push_url = format!("http://bob:s3cret@{address}/r.git");
    for (key, url, command) in [
        ("remote.origin.url", &url, "git:fetch"),
        ("remote.origin.pushurl", &push_url, "git:push"),
        ("branch.main.remote", &url, "git:fetch"),
    ] {
        fixture.git(&work, &["config", key, url]);
        let mut client = fixture.server.connect();
        client.command(command, &json!({"repoPath": "work", "id": 1}));
        let mut said = String::new();
        while !said.contains("authorization: basic ") {
            let (mut connection, _) = listener.accept().unwrap();
            said = read(&mut connection).unwrap().to_lowercase();
            let lines = command_lines("");
            let helper = lines.iter().any(|(_, line)| line.contains(&address));
            assert!(helper, "its helper runs");
            for (_, line) in lines {
                assert!(!line.contains(&format!("s3cret@{address}")), "{line}");
                assert!(!line.contains("h3lper"), "{line}");
            }
            connection.write_all(ASKING.as_bytes()).unwrap();
        }
        let ended = ended(&mut client);
        assert_eq!(ended.code(), "AUTH_FAILED", "{command} {}", ended.data);
    }
    for event in fixture.server.events() {
        assert!(!event.contains("s3cret"), "{event}");
    }
}

#[test]
fn variables_of_another_git_are_not_handed_on() {
    // As in a hook of another repository, which has started the application.
    let fixture = Fixture::new();
    let canary = fixture.canary("variable");
    let other = fixture.path("seed/.git");
    if std::env::var_os("GIT_DIR").is_none() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "hostile::variables_of_another_git_are_not_handed_on",
            ])
            .env("GIT_DIR", other)
            .env("GIT_TRACE", fixture.path("canaries/trace"))
            .env("GIT_EXTERNAL_DIFF", &canary)
            .env(
                "GIT_CONFIG_PARAMETERS",
                format!("'core.fsmonitor={canary}'"),
            )
            .env("LC_ALL", "de_DE.UTF-8")
            .env("LANGUAGE", "de")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && told.contains("1 passed"),
            "{told}"
        );
        // The other process was told of these.
        assert_eq!(fixture.canaries(), [""; 0]);
        return;
    }
    fixture.cloned("work");
    let ended = fixture.run("git:fetch", &json!({"repoPath": "work"}));
    assert_eq!(ended.kind, "git:complete", "{}", ended.data);
    let other = json!({"repoPath": "work", "branch": "nope"});
    assert_eq!(fixture.run("git:checkout", &other).code(), "NOT_FOUND");
}
