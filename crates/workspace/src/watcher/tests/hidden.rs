//! What rules hide, and who sees it all the same.

use crate::watcher::{Ignore, Scope};

use super::support::{Site, loses_what_is_in_new_directories, text};

#[tokio::test]
async fn what_is_hidden_costs_no_watch() {
    let mut site = Site::new();
    for path in [
        "node_modules/a/b",
        ".git/objects",
        "logs/deep",
        "src/dist/x",
        "kept/x",
    ] {
        site.mkdir(path);
    }
    site.write(".gitignore", "logs/\n*.tmp\n");
    let covered = site.cover("").await;
    // The root, src, kept and kept/x.
    assert_eq!(covered.directories, 4);
    site.write("node_modules/a/f", "1");
    site.write("logs/f", "1");
    site.write("src/f", "1");
    assert_eq!(site.told().await, ["+src/f 1"]);
    site.watcher.close().await;
}

#[tokio::test]
async fn a_hidden_name_in_a_watched_directory_is_marked() {
    let mut site = Site::new();
    site.write(".gitignore", "*.log\n!kept.log\n");
    site.mkdir("src");
    site.write("src/.gitignore", "kept.log\n/only\n");
    let _covered = site.cover("").await;
    for path in [
        "a.log",
        "kept.log",
        "src/kept.log",
        "src/only",
        "x.swp",
        "only",
    ] {
        site.write(path, "1");
    }
    let expected = [
        ("+a.log 1", 1),
        ("+kept.log 1", 0),
        ("+only 1", 0),
        ("+src/kept.log 1", 2),
        ("+src/only 1", 2),
        ("+x.swp 1", 1),
    ];
    assert_eq!(told_hidden(&mut site).await, of(expected));
    site.watcher.close().await;
}

/// The changes, and how much of each path is hidden. Sorted.
async fn told_hidden(site: &mut Site) -> Vec<(String, usize)> {
    let changes = site.changes().await;
    let mut told: Vec<_> = changes.iter().map(|one| (text(one), one.hidden)).collect();
    told.sort();
    told
}

fn of<const N: usize>(expected: [(&str, usize); N]) -> [(String, usize); N] {
    expected.map(|(text, hidden)| (text.to_owned(), hidden))
}

#[tokio::test]
async fn a_hidden_directory_that_is_named_is_watched_and_the_rules_apply_below_it() {
    let mut site = Site::new();
    site.mkdir("dist/js");
    site.mkdir("dist/node_modules/x");
    let _all = site.cover("").await;
    let covered = site.cover("dist").await;
    // On the way to it: the root.
    assert_eq!(covered.directories, 3);
    site.write("dist/js/f", "1");
    site.write("dist/node_modules/x/f", "1");
    site.write("f", "1");
    // Hidden no deeper than what was named.
    let expected = [("+dist/js/f 1", 1), ("+f 1", 0)];
    assert_eq!(told_hidden(&mut site).await, of(expected));
    site.watcher.close().await;
}

#[tokio::test]
async fn a_base_that_is_not_there_yet_is_watched_when_it_is_there() {
    if loses_what_is_in_new_directories() {
        return;
    }
    let mut site = Site::new();
    let covered = site.cover("a/b").await;
    assert_eq!(covered.directories, 1);
    site.mkdir("a/b/c");
    site.mkdir("a/other/x");
    site.write("a/b/c/f", "1");
    site.write("a/other/x/f", "1");
    let told = site.told().await;
    assert_eq!(told, ["+a/", "+a/b/", "+a/b/c/", "+a/b/c/f 1", "+a/other/"]);
    site.watcher.close().await;
}

#[tokio::test]
async fn depth_and_patterns_save_watches() {
    let mut site = Site::new();
    site.mkdir("a/b/c");
    site.mkdir("big/x/y");
    let scope = Scope {
        base: "".into(),
        depth: Some(1),
        ignore: Ignore {
            rules: true,
            patterns: vec!["big/".to_owned()],
        },
    };
    let covered = site.watcher.cover(scope).await.expect("covered");
    assert_eq!(covered.directories, 2);
    site.write("a/f", "1");
    site.write("a/b/f", "1");
    site.write("big/f", "1");
    assert_eq!(told_hidden(&mut site).await, of([("+a/f 1", 0)]));
    site.watcher.close().await;
}

#[tokio::test]
async fn changed_rules_take_effect() {
    let mut site = Site::new();
    site.mkdir("out/deep");
    let _covered = site.cover("").await;
    site.write(".gitignore", "out/\n");
    assert_eq!(site.told().await, ["+.gitignore 5"]);
    site.write("out/deep/f", "1");
    assert_eq!(site.told().await, [""; 0]);
    site.write(".gitignore", "# nothing\n");
    assert_eq!(site.told().await, ["~.gitignore 10"]);
    site.write("out/deep/g", "1");
    assert_eq!(site.told().await, ["+out/deep/g 1"]);
    site.watcher.close().await;
}

#[tokio::test]
async fn a_default_can_be_taken_back_and_git_has_rules_of_its_own() {
    let mut site = Site::new();
    site.mkdir("dist");
    site.mkdir("private");
    site.mkdir(".git/info");
    site.write(".git/info/exclude", "private/\n");
    site.write(".gitignore", "!dist/\n!.git/\n");
    let covered = site.cover("").await;
    assert_eq!(covered.directories, 2);
    site.write("dist/f", "1");
    site.write("private/f", "1");
    site.write(".git/f", "1");
    assert_eq!(site.told().await, ["+dist/f 1"]);
    site.watcher.close().await;
}

#[tokio::test]
async fn a_rename_across_the_border_of_what_is_hidden_is_two_changes() {
    let mut site = Site::new();
    site.write("a", "1");
    site.write("b.swp", "12");
    let _covered = site.cover("").await;
    std::fs::rename(site.path("a"), site.path("a.swp")).expect("renamed");
    std::fs::rename(site.path("b.swp"), site.path("b")).expect("renamed");
    assert_eq!(site.told().await, ["+a.swp 1", "+b 2", "-a", "-b.swp"]);
    site.watcher.close().await;
}
