//! Real programs: the tree that the notices say is the real one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{Known, Site, apply, real, text};

/// Runs a shell script in a directory.
fn run(directory: &Path, script: &str) {
    let output = Command::new("sh")
        .args(["-ec", script])
        .current_dir(directory)
        .env("HOME", directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Whether there is no such program. Then the test is skipped.
fn is_missing(program: &str, test: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    let missing = !found.is_ok_and(|found| found.status.success());
    if missing {
        println!("SKIPPED: {test}: {program} is not installed");
    }
    missing
}

/// A tree of 200 files beside the root of the site.
fn source(site: &Site) -> PathBuf {
    let source = site.dir.path().join("source");
    std::fs::create_dir_all(source.join("a/b/c")).expect("made");
    for number in 0..200 {
        let path = source.join(format!("a/b/f{number}"));
        std::fs::write(path, "x".repeat(number)).expect("written");
    }
    source
}

/// Compares the tree without what is hidden from watching.
async fn fits(site: &mut Site, known: &mut Known) -> Vec<String> {
    let changes = site.changes().await;
    let odd = apply(known, &changes);
    assert!(odd.is_empty(), "{odd:#?}");
    let mut there = real(&site.root);
    there.retain(|path, _| !path.components().skip(1).any(|_| path.starts_with(".git")));
    assert_eq!(*known, there);
    changes.iter().map(text).collect()
}

#[tokio::test]
async fn git_checks_out_distant_branches() {
    if is_missing("git", "git_checks_out_distant_branches") {
        return;
    }
    let mut site = Site::new();
    run(
        &site.root,
        "git init -q -b one . && git config user.email a@b.c && git config user.name a
         for d in 1 2 3 4 5 6 7 8; do mkdir -p old/$d/x; for f in 1 2 3 4 5 6 7 8 9; do echo $d > old/$d/x/$f; done; done
         for f in 1 2 3 4 5 6 7 8 9; do echo one > same$f; done
         git add . && git commit -qm one && git checkout -qb two
         git mv old/1 moved && git rm -rq old/2 old/3 && for f in 1 2 3; do echo two-$f > same$f; done
         mkdir -p new/a/b && echo new > new/a/b/c && rm -r old/4 && echo now-a-file > old/4
         git add -A . && git commit -qm two && git checkout -q one",
    );
    let mut known = real(&site.root);
    known.retain(|path, _| !path.components().skip(1).any(|_| path.starts_with(".git")));
    let _covered = site.cover("").await;
    for branch in ["two", "one", "two", "one"] {
        run(&site.root, &format!("git checkout -q {branch}"));
        let told = fits(&mut site, &mut known).await;
        // A file that differs is one modification.
        let changed: Vec<_> = told.iter().filter(|one| one.contains("same")).collect();
        assert_eq!(changed.len(), 3, "{told:?}");
        assert!(changed.iter().all(|one| one.starts_with('~')), "{told:?}");
    }
    site.watcher.close().await;
}

#[tokio::test]
async fn tar_writes_a_tree() {
    if is_missing("tar", "tar_writes_a_tree") {
        return;
    }
    let mut site = Site::new();
    run(&source(&site), "tar cf ../archive.tar .");
    let _covered = site.cover("").await;
    let mut known = Known::new();
    run(&site.root, "tar xf ../archive.tar");
    let told = fits(&mut site, &mut known).await;
    // Each thing once: 3 directories and 200 files.
    assert_eq!(told.len(), 203, "{told:?}");
    site.watcher.close().await;
}

#[tokio::test]
async fn rsync_writes_a_tree_and_brings_it_up_to_date() {
    if is_missing("rsync", "rsync_writes_a_tree_and_brings_it_up_to_date") {
        return;
    }
    let mut site = Site::new();
    let source = source(&site);
    let _covered = site.cover("").await;
    let mut known = Known::new();
    run(&site.root, "rsync -a ../source/ .");
    fits(&mut site, &mut known).await;
    run(
        &source,
        "for f in 1 2 3; do echo changed > a/b/f$f; done; rm a/b/f4; mkdir a/new; echo 1 > a/new/f",
    );
    run(&site.root, "rsync -a --delete ../source/ .");
    let mut told = fits(&mut site, &mut known).await;
    told.sort();
    let expected = [
        "+a/new/",
        "+a/new/f 2",
        "-a/b/f4",
        "~a/b/f1 8",
        "~a/b/f2 8",
        "~a/b/f3 8",
    ];
    assert_eq!(told, expected);
    site.watcher.close().await;
}

#[tokio::test]
async fn sed_saves_a_file_as_one_modification() {
    if is_missing("sed", "sed_saves_a_file_as_one_modification") {
        return;
    }
    let mut site = Site::new();
    site.write("a.txt", "one\n");
    let _covered = site.cover("").await;
    run(&site.root, "sed -i s/one/three/ a.txt");
    assert_eq!(site.told().await, ["~a.txt 6"]);
    site.watcher.close().await;
}

#[tokio::test]
async fn vim_saves_a_file_as_one_modification() {
    if is_missing("vim", "vim_saves_a_file_as_one_modification") {
        return;
    }
    let mut site = Site::new();
    site.write("a.txt", "three\n");
    let _covered = site.cover("").await;
    for options in [
        "",
        "set backupcopy=yes | ",
        "set backupcopy=no | ",
        "set backup | set backupcopy=no | ",
    ] {
        let before = std::fs::metadata(site.path("a.txt")).expect("a file").len();
        run(
            &site.root,
            &format!("TERM=dumb vim -Nu NONE -i NONE -es -c '{options}normal! Ax' -c 'wq' a.txt"),
        );
        let changes = site.changes().await;
        let seen = changes.iter().filter(|one| one.hidden == 0);
        let told: Vec<_> = seen.map(text).collect();
        assert_eq!(told, [format!("~a.txt {}", before + 1)], "{options}");
    }
    site.watcher.close().await;
}

#[tokio::test]
async fn npm_installs_a_package() {
    if is_missing("npm", "npm_installs_a_package") {
        return;
    }
    let mut site = Site::new();
    let package = site.dir.path().join("package");
    std::fs::create_dir_all(package.join("lib/deep")).expect("made");
    std::fs::write(
        package.join("package.json"),
        r#"{"name":"left","version":"1.0.0"}"#,
    )
    .expect("written");
    for number in 0..50 {
        std::fs::write(package.join(format!("lib/deep/f{number}.js")), "1").expect("written");
    }
    run(
        &package,
        "npm pack --silent --offline --pack-destination ..",
    );
    site.write("package.json", r#"{"name":"app","version":"1.0.0"}"#);
    let mut known = real(&site.root);
    // Hidden by default: named, it is watched.
    let _all = site.cover("").await;
    let _named = site.cover("node_modules").await;
    run(
        &site.root,
        "npm install --silent --offline --no-audit --no-fund --cache ../cache ../left-1.0.0.tgz",
    );
    fits(&mut site, &mut known).await;
    assert!(known.contains_key(Path::new("node_modules/left/lib/deep/f7.js")));
    run(
        &site.root,
        "npm uninstall --silent --offline --no-audit --no-fund --cache ../cache left",
    );
    fits(&mut site, &mut known).await;
    site.watcher.close().await;
}
