//! Nothing that git reads or writes leaves the root.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;

use crate::fixture::Fixture;

#[test]
fn a_repository_that_leads_out_of_the_root_is_refused() {
    let fixture = Fixture::new();
    let outside = fixture.path("outside");
    fixture.git(
        fixture.dir.path(),
        &["clone", "-q", &fixture.remote(), "outside"],
    );
    let new = fixture.commit(&fixture.path("seed"), "x.txt", "x");
    fixture.git(&fixture.path("seed"), &["push", "-q", "origin", "main"]);
    let refused = |name: &str| {
        for command in ["git:fetch", "git:pull", "git:push"] {
            let ended = fixture.run(command, &json!({"repoPath": name}));
            assert_eq!(
                ended.code(),
                "PATH_OUTSIDE",
                "{name} {command}: {}",
                ended.data
            );
        }
    };
    refused("../outside");
    refused(outside.to_str().unwrap());
    symlink(&outside, fixture.inside("link")).unwrap();
    refused("link");
    // `.git` is a file, or a link, that leads out.
    fs::create_dir(fixture.inside("file")).unwrap();
    fs::write(
        fixture.inside("file/.git"),
        format!("gitdir: {}/.git\n", outside.display()),
    )
    .unwrap();
    refused("file");
    fs::create_dir(fixture.inside("dir")).unwrap();
    symlink(outside.join(".git"), fixture.inside("dir/.git")).unwrap();
    refused("dir");
    // The work tree is elsewhere.
    let tree = fixture.cloned("tree");
    fixture.git(
        &tree,
        &["config", "core.worktree", outside.to_str().unwrap()],
    );
    refused("tree");
    // What git writes to is a link.
    for name in ["FETCH_HEAD", "index", "refs/remotes", "logs", "packed-refs"] {
        let work = fixture.cloned("written");
        let at = work.join(".git").join(name);
        let there = outside.join(".git").join(name);
        if at.is_dir() {
            fs::remove_dir_all(&at).unwrap();
        } else {
            let _ = fs::remove_file(&at);
        }
        symlink(there, at).unwrap();
        refused("written");
        fs::remove_dir_all(work).unwrap();
    }
    // Objects are borrowed from elsewhere.
    let work = fixture.cloned("borrows");
    let objects = format!("{}/.git/objects\n", outside.display());
    fs::write(work.join(".git/objects/info/alternates"), objects).unwrap();
    refused("borrows");
    // A worktree of a repository outside.
    let linked = fixture.inside("linked");
    fixture.git(
        &outside,
        &[
            "worktree",
            "add",
            "-q",
            "--detach",
            linked.to_str().unwrap(),
        ],
    );
    refused("linked");
    assert_ne!(fixture.git(&outside, &["rev-parse", "origin/main"]), new);
    // The root is in a repository itself.
    fixture.git(fixture.dir.path(), &["init", "-q"]);
    let ended = fixture.run("git:fetch", &json!({"repoPath": "."}));
    assert_eq!(ended.code(), "NOT_A_REPOSITORY", "{}", ended.data);
}

#[test]
fn a_clone_stays_inside_of_the_root() {
    let fixture = Fixture::new();
    symlink(fixture.path("home"), fixture.inside("link")).unwrap();
    symlink(fixture.path("nowhere"), fixture.inside("dangling")).unwrap();
    let home = fixture.path("home");
    let absolute = home.join("x");
    for target in [
        "../x",
        "link/x",
        "dangling",
        "dangling/x",
        "a/../../x",
        absolute.to_str().unwrap(),
    ] {
        let data = json!({"url": fixture.remote(), "targetDir": target});
        let ended = fixture.run("git:clone", &data);
        assert_eq!(ended.kind, "git:error", "{target}");
        assert_eq!(ended.code(), "PATH_OUTSIDE", "{target}: {}", ended.data);
    }
    let entries = |path: &Path| fs::read_dir(path).unwrap().count();
    assert_eq!(entries(&home), 1, "only the user's configuration");
    assert!(!fixture.path("x").exists() && !fixture.path("nowhere").exists());
    assert_eq!(fixture.server.names(), ["dangling", "link"]);
}

#[test]
fn what_a_cloned_repository_holds_is_written_inside_of_it() {
    let fixture = Fixture::new();
    let seed = fixture.path("seed");
    // A link that leads out, a file behind a link of that name, and a submodule with an odd address.
    symlink("../../home", seed.join("out")).unwrap();
    let modules = "[submodule \"sub\"]\n\tpath = sub\n\turl = ext::touch x\n\tupdate = !touch x\n";
    fs::write(seed.join(".gitmodules"), modules).unwrap();
    let head = fixture.git(&seed, &["rev-parse", "HEAD"]);
    fixture.git(
        &seed,
        &[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("160000,{head},sub"),
        ],
    );
    fixture.git(&seed, &["add", "out", ".gitmodules"]);
    fixture.git(&seed, &["commit", "-q", "-m", "odd"]);
    fixture.git(&seed, &["push", "-q", "origin", "main"]);
    let before = fs::read_dir(fixture.path("home")).unwrap().count();
    let ended = fixture.clone_to("copy");
    assert_eq!(ended.kind, "git:complete", "{}", ended.data);
    assert!(fixture.inside("copy/out").is_symlink());
    assert_eq!(fs::read_dir(fixture.inside("copy/sub")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(fixture.path("home")).unwrap().count(), before);
}
