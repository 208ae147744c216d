//! What a stranger's repository has in its configuration and its hooks. Nothing of it runs, unless repositories are
//! trusted.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::servers::{ASKING, saying};

/// Keys that run a program in the user's own git, for some operation, and do not here.
const OVERRULED: [&str; 16] = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.editor",
    "core.pager",
    "core.askPass",
    "sequence.editor",
    "credential.helper",
    "credential.http://127.0.0.1.helper",
    "diff.external",
    "diff.x.textconv",
    "diff.x.command",
    "gpg.program",
    "gpg.ssh.program",
    "uploadpack.packObjectsHook",
    "alias.fetch",
    "pager.checkout",
];

/// Keys that change what is written into files.
const OF_FILES: [&str; 4] = [
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "merge.x.driver",
];

/// Keys without a value that could be used instead.
const REFUSED: [&str; 10] = [
    "fetch.fsck.skipList",
    "http.sslCAInfo",
    "http.https://h/.sslVerify",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "remote.origin.uploadpack",
    "remote.origin.receivepack",
    "remote.origin.vcs",
    "gc.recentObjectsHook",
    "lfs.customtransfer.x.path",
];

const COMMANDS: [&str; 4] = ["git:fetch", "git:pull", "git:push", "git:checkout"];

/// The configuration that names a canary for each key.
fn trap(fixture: &Fixture, keys: &[&str]) -> String {
    let mut config = String::new();
    for key in keys {
        let (section, variable) = key.rsplit_once('.').unwrap();
        let section = match section.split_once('.') {
            Some((section, subsection)) => format!("{section} \"{subsection}\""),
            None => section.to_owned(),
        };
        let canary = fixture.canary(&key.replace('/', "-"));
        config.push_str(&format!("[{section}]\n\t{variable} = {canary}\n"));
    }
    config
}

/// A clone in the workspace that differs from the remote in one file, so that there is something to merge.
fn diverged(fixture: &Fixture, name: &str) -> PathBuf {
    let seed = fixture.path("seed");
    fixture.commit(&seed, "merged.txt", "first\n2\n3\n4\n5\n6\n7\nlast\n");
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    let work = fixture.cloned(name);
    let attributes = "* filter=x diff=x merge=x\n";
    fs::write(work.join(".git/info/attributes"), attributes).unwrap();
    for (at, from, to) in [(&work, "first", "mine"), (&seed, "last", "theirs")] {
        let text = fs::read_to_string(at.join("merged.txt")).unwrap();
        fixture.commit(at, "merged.txt", &text.replace(from, to));
    }
    fixture.git(&work, &["branch", "-q", "topic"]);
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    work
}

/// What each command asks for.
fn asked(command: &str, name: &str) -> Value {
    match command {
        "git:push" => json!({"repoPath": name, "branch": "topic"}),
        "git:checkout" => json!({"repoPath": name, "branch": "other"}),
        _ => json!({"repoPath": name}),
    }
}

#[test]
fn what_the_configuration_of_a_repository_names_does_not_run() {
    let fixture = Fixture::with(|options| {
        options.credentials_wait = Duration::from_millis(500);
    });
    let work = diverged(&fixture, "work");
    let plain = fs::read_to_string(work.join(".git/config")).unwrap();
    let trap = trap(&fixture, &OVERRULED);
    fs::write(
        work.join(".git/config"),
        plain.clone() + &trap + "[gc]\n\tauto = 1\n",
    )
    .unwrap();
    for command in COMMANDS {
        let ended = fixture.run(command, &asked(command, "work"));
        assert_eq!(ended.kind, "git:complete", "{command}: {}", ended.data);
        assert_eq!(fixture.canaries(), [""; 0], "{command}");
    }
    // Where the remote is reached by other programs, and where a merge is signed. Now the file is an included one.
    fs::write(work.join(".git/more"), trap).unwrap();
    let (remote, include) = (fixture.remote(), "[include]\n\tpath = more\n");
    let asking = format!("http://{}/x", saying(ASKING));
    for url in ["ssh://127.0.0.1:1/x".to_owned(), asking] {
        let config = plain.replace(&remote, &url);
        fs::write(work.join(".git/config"), config + include).unwrap();
        for command in ["git:fetch", "git:push"] {
            let ended = fixture.run(command, &asked(command, "work"));
            let expected = if url.starts_with("ssh") {
                "NETWORK"
            } else {
                "AUTH_FAILED"
            };
            assert_eq!(ended.code(), expected, "{command}: {}", ended.data);
        }
    }
    for format in ["openpgp", "ssh"] {
        fs::write(work.join(".git/config"), &plain).unwrap();
        fixture.git(&work, &["checkout", "-q", "-f", "topic"]);
        let signed =
            format!("{plain}{include}[commit]\n\tgpgSign = true\n[gpg]\n\tformat = {format}\n");
        fs::write(work.join(".git/config"), signed).unwrap();
        let pull = json!({"repoPath": "work", "branch": "main"});
        let ended = fixture.run("git:pull", &pull);
        // The user has no key.
        assert_eq!(ended.code(), "GIT_FAILED", "{}", ended.data);
        fs::write(work.join(".git/config"), &plain).unwrap();
        fixture.git(&work, &["merge", "--abort"]);
    }
    assert_eq!(fixture.canaries(), [""; 0]);
}

#[test]
fn what_cannot_be_overruled_in_the_configuration_of_a_repository_is_refused() {
    let fixture = Fixture::new();
    let work = diverged(&fixture, "work");
    let plain = fs::read_to_string(work.join(".git/config")).unwrap();
    for key in OF_FILES.into_iter().chain(REFUSED) {
        let config = plain.clone() + &trap(&fixture, &[key]);
        fs::write(work.join(".git/config"), config).unwrap();
        let commands: &[&str] = match OF_FILES.contains(&key) {
            true => &["git:pull", "git:checkout"],
            false => &COMMANDS,
        };
        for command in commands {
            let ended = fixture.run(command, &asked(command, "work"));
            assert_eq!(ended.code(), "CONFIG_REFUSED", "{key} {command}");
            let message = ended.data["message"].as_str().unwrap().to_lowercase();
            assert!(message.contains(&key.to_lowercase()), "{message}");
            assert!(!message.contains("canary"), "the value may be a secret");
        }
    }
    assert_eq!(fixture.canaries(), [""; 0]);
    // Filters touch no file in a push, and the user's own ones are the user's choice.
    let filter = trap(&fixture, &["filter.x.clean", "filter.x.smudge"]);
    fs::write(work.join(".git/config"), plain.clone() + &filter).unwrap();
    let pushed = fixture.run("git:push", &asked("git:push", "work"));
    assert_eq!(pushed.kind, "git:complete", "{}", pushed.data);
    assert_eq!(fixture.canaries(), [""; 0]);
    let own = fs::read_to_string(fixture.path("home/.gitconfig")).unwrap();
    fs::write(fixture.path("home/.gitconfig"), own + &filter).unwrap();
    let pulled = fixture.run("git:pull", &asked("git:pull", "work"));
    assert_eq!(pulled.kind, "git:complete", "{}", pulled.data);
    assert_eq!(fixture.canaries(), ["filter.x.clean", "filter.x.smudge"]);
}

#[test]
fn what_the_configuration_of_a_submodule_names_does_not_run() {
    let fixture = Fixture::new();
    let seed = fixture.path("seed");
    fixture.git(
        &seed,
        &[
            "clone",
            "-q",
            &fixture.remote(),
            &format!("{}/sub", seed.display()),
        ],
    );
    fixture.git(&seed, &["checkout", "-q", "-b", "with-submodule"]);
    fixture.git(&seed, &["add", "sub"]);
    fixture.git(&seed, &["commit", "-q", "-m", "submodule"]);
    fixture.git(&seed, &["push", "-q", "origin", "with-submodule"]);
    let work = fixture.cloned("work");
    // The commit that makes it a submodule is not checked out yet.
    fixture.git(&work, &["clone", "-q", &fixture.remote(), "sub"]);
    let sub = work.join("sub");
    let plain = fs::read_to_string(sub.join(".git/config")).unwrap();
    fs::write(sub.join(".git/info/attributes"), "* filter=x\n").unwrap();
    fs::write(sub.join("a.txt"), "First").unwrap();
    let checkout = json!({"repoPath": "work", "branch": "with-submodule"});
    for key in ["filter.x.clean", "core.fsmonitor"] {
        let config = plain.clone() + &trap(&fixture, &[key]);
        fs::write(sub.join(".git/config"), config).unwrap();
        let ended = fixture.run("git:checkout", &checkout);
        let refused = key.starts_with("filter");
        assert_eq!(ended.code() == "CONFIG_REFUSED", refused, "{}", ended.data);
        let pulled = fixture.run("git:pull", &json!({"repoPath": "work"}));
        assert_eq!(
            pulled.code() == "CONFIG_REFUSED",
            refused,
            "{}",
            pulled.data
        );
        assert_eq!(fixture.canaries(), [""; 0], "{key}");
    }
}

#[test]
fn in_a_trusted_workspace_the_configuration_of_a_repository_runs_as_in_the_users_own_git() {
    let fixture = Fixture::with(|options| options.trust_repositories = true);
    let work = diverged(&fixture, "work");
    let plain = fs::read_to_string(work.join(".git/config")).unwrap();
    let config = plain + &trap(&fixture, &["filter.x.smudge", "merge.x.driver"]);
    fs::write(work.join(".git/config"), config).unwrap();
    for command in ["git:pull", "git:checkout"] {
        let ended = fixture.run(command, &asked(command, "work"));
        assert_eq!(ended.kind, "git:complete", "{command}: {}", ended.data);
    }
    assert_eq!(fixture.canaries(), ["filter.x.smudge", "merge.x.driver"]);
}

#[test]
fn hooks_run_for_pushes_alone_unless_repositories_are_trusted() {
    for trusted in [false, true] {
        let fixture = Fixture::with(|options| options.trust_repositories = trusted);
        let (seed, work) = (fixture.path("seed"), fixture.cloned("work"));
        let hooks = work.join(".git/hooks");
        fs::create_dir_all(&hooks).unwrap();
        for name in [
            "post-checkout",
            "post-merge",
            "pre-merge-commit",
            "prepare-commit-msg",
            "commit-msg",
            "reference-transaction",
            "post-index-change",
            "pre-auto-gc",
            "pre-push",
        ] {
            fs::copy(fixture.canary(name), hooks.join(name)).unwrap();
        }
        fixture.git(
            &work,
            &["config", "core.hooksPath", hooks.to_str().unwrap()],
        );
        fs::remove_dir_all(fixture.path("canaries")).unwrap();
        fs::create_dir(fixture.path("canaries")).unwrap();
        fixture.commit(&seed, "x.txt", "x");
        fixture.git(&seed, &["push", "-q", "origin", "main"]);
        for (name, data) in [
            ("git:fetch", json!({"repoPath": "work"})),
            ("git:pull", json!({"repoPath": "work"})),
            (
                "git:checkout",
                json!({"repoPath": "work", "branch": "other"}),
            ),
        ] {
            let ended = fixture.run(name, &data);
            assert_eq!(ended.kind, "git:complete", "{}", ended.data);
        }
        let ran = fixture.canaries();
        match trusted {
            false => assert!(ran.is_empty(), "{ran:?}"),
            true => assert!(ran.contains(&"post-checkout".to_owned()), "{ran:?}"),
        }
        let push = json!({"repoPath": "work", "branch": "other"});
        fixture.run("git:push", &push);
        assert!(fixture.canaries().contains(&"pre-push".to_owned()));
    }
}

#[test]
fn the_users_own_template_filter_and_helper_are_the_users_choice() {
    let fixture = Fixture::new();
    let (seed, template) = (fixture.path("seed"), fixture.path("template"));
    fs::create_dir_all(template.join("hooks")).unwrap();
    fs::copy(
        fixture.canary("template"),
        template.join("hooks/post-checkout"),
    )
    .unwrap();
    let smudge = fixture.canary("filter");
    for (key, value) in [
        ("init.templateDir", template.to_str().unwrap()),
        ("filter.x.smudge", smudge.as_str()),
        ("filter.x.clean", "cat"),
    ] {
        fixture.git(&seed, &["config", "--global", key, value]);
    }
    fixture.commit(&seed, ".gitattributes", "*.txt filter=x\n");
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    let _ = fs::remove_file(fixture.path("canaries/filter"));
    let ended = fixture.clone_to("copy");
    assert_eq!(ended.kind, "git:complete", "{}", ended.data);
    assert_eq!(fixture.canaries(), ["filter"], "hooks are off for a clone");
}
