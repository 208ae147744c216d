//! Nothing of the user's runs or changes: repository, hooks, filters, configuration, variables.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::shapes::{Random, change, chmod, fill};
use crate::support::{SnapshotServer, another_process, other_process, run_process, sha256};
use crate::tree::tree;

/// Everything in a directory: names, permissions, contents and times.
pub(crate) fn everything(directory: &Path) -> Vec<String> {
    use std::os::unix::fs::MetadataExt as _;
    let mut all = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let contents = match metadata.is_file() {
                true => sha256(&fs::read(&path).unwrap()),
                false => String::new(),
            };
            let (mode, inode) = (metadata.mode(), metadata.ino());
            let time = (metadata.mtime(), metadata.mtime_nsec());
            all.push(format!("{path:?} {mode:o} {inode} {time:?} {contents}"));
            if metadata.is_dir() {
                open.push(path);
            }
        }
    }
    all.sort();
    all
}

fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments);
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_AUTHOR_NAME", "a"),
        ("GIT_AUTHOR_EMAIL", "a@example.org"),
        ("GIT_COMMITTER_NAME", "a"),
        ("GIT_COMMITTER_EMAIL", "a@example.org"),
    ] {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

/// Makes the root a repository in which everything that git could run leaves a mark.
fn with_canaries(root: &Path, mark: &Path) {
    git(root, &["init", "--quiet"]);
    git(root, &["add", "crlf"]);
    git(root, &["commit", "--quiet", "-m", "one"]);
    fs::write(root.join("staged"), "in the index only").unwrap();
    git(root, &["add", "-f", "staged"]);
    let canary = root.parent().unwrap().join("canary");
    fs::write(
        &canary,
        format!("#!/bin/sh\necho \"$0 $*\" >> {}\nexit 1\n", mark.display()),
    )
    .unwrap();
    chmod(&canary, 0o755);
    let canary = canary.to_str().unwrap();
    for hook in [
        "pre-commit",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "post-commit",
        "pre-auto-gc",
    ] {
        let hook = root.join(".git/hooks").join(hook);
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::copy(canary, &hook).unwrap();
        chmod(&hook, 0o755);
    }
    let configuration = configuration(canary);
    let path = root.join(".git/config");
    let old = fs::read_to_string(&path).unwrap();
    fs::write(path, old + &configuration).unwrap();
    fs::write(
        root.join(".git/info/attributes"),
        "* filter=canary diff=canary\n",
    )
    .unwrap();
}

fn configuration(canary: &str) -> String {
    format!(
        "[core]\n\tfsmonitor = {canary}\n\tsshCommand = {canary}\n\thooksPath = {canary}\n\tautocrlf = true\n\
         \tpager = {canary}\n[filter \"canary\"]\n\tclean = {canary}\n\tsmudge = {canary}\n\tprocess = {canary}\n\
         \trequired = true\n[diff]\n\texternal = {canary}\n[fastimport]\n\tunpackLimit = 1000000\n\
         [alias]\n\tfast-import = !{canary}\n\tls-tree = !{canary}\n[user]\n\tname = somebody\n"
    )
}

#[test]
fn the_users_repository_stays_as_it_is_and_nothing_of_it_runs() {
    if let Some((dir, _)) = other_process() {
        let server = SnapshotServer::at(&dir);
        let before = tree(server.root());
        let first = server.create();
        change(server.root(), &mut Random(7), 30);
        server.restore(&first.commit_hash);
        assert_eq!(tree(server.root()), before);
        // Line ends are those of the file.
        let stored = server.stored(&first.commit_hash, "crlf");
        assert_eq!(stored, "a\r\nb\r\n");
        let author = server.git(&["log", "-1", "--format=%an %cn", &first.commit_hash]);
        assert_eq!(author, "Loopwire Loopwire\n");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (root, mark) = (dir.path().join("root"), dir.path().join("mark"));
    fs::create_dir(&root).unwrap();
    fill(&root);
    with_canaries(&root, &mark);
    let _ = fs::remove_file(&mark);
    let home = dir.path().join("home");
    fs::create_dir_all(home.join("git")).unwrap();
    let canary = dir.path().join("canary");
    let configuration = configuration(canary.to_str().unwrap());
    fs::write(home.join(".gitconfig"), &configuration).unwrap();
    fs::write(home.join("git/config"), &configuration).unwrap();
    fs::write(home.join("git/attributes"), "* filter=canary\n").unwrap();
    let before = everything(&root.join(".git"));
    let name = "isolation::the_users_repository_stays_as_it_is_and_nothing_of_it_runs";
    let mut process = another_process(name, dir.path(), "");
    process.env("HOME", &home).env("XDG_CONFIG_HOME", &home);
    for (name, value) in [
        ("GIT_DIR", root.join(".git")),
        ("GIT_WORK_TREE", root.clone()),
        ("GIT_INDEX_FILE", root.join(".git/index")),
        ("GIT_OBJECT_DIRECTORY", root.join(".git/objects")),
        ("GIT_CONFIG_GLOBAL", home.join(".gitconfig")),
        ("GIT_CONFIG_SYSTEM", home.join(".gitconfig")),
        ("GIT_EXTERNAL_DIFF", canary.clone()),
        ("GIT_SSH_COMMAND", canary.clone()),
        ("GIT_TEMPLATE_DIR", root.join(".git")),
        ("GIT_TRACE", mark.clone()),
    ] {
        process.env(name, value);
    }
    process.env("GIT_CONFIG_COUNT", "1");
    process.env("GIT_CONFIG_KEY_0", "core.hooksPath");
    process.env("GIT_CONFIG_VALUE_0", root.join(".git/hooks"));
    run_process(process);
    assert_eq!(everything(&root.join(".git")), before);
    let told = fs::read_to_string(&mark);
    assert!(told.is_err(), "{told:?}");
}

#[test]
fn without_git_only_snapshots_are_refused() {
    let name = "isolation::without_git_only_snapshots_are_refused";
    if let Some((dir, part)) = other_process() {
        let server = SnapshotServer::at(&dir);
        let error = server.try_create().unwrap_err();
        assert_eq!(error.code, "GIT_NOT_FOUND", "{part}: {error:?}");
        let error = server.try_restore(&"0".repeat(40)).unwrap_err();
        assert_eq!(error.code, "GIT_NOT_FOUND", "{part}: {error:?}");
        let files = server.workspace.files().unwrap();
        server.block_on(files.write("file", "works", None)).unwrap();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let programs = dir.path().join("programs");
    fs::create_dir(&programs).unwrap();
    let mut without = another_process(name, dir.path(), "none");
    without.env("PATH", &programs);
    run_process(without);
    for (part, script) in [
        ("old", "#!/bin/sh\necho git version 2.29.3\n"),
        ("no program", "this is no program\n"),
    ] {
        fs::write(programs.join("git"), script).unwrap();
        chmod(
            &programs.join("git"),
            if part == "old" { 0o755 } else { 0o644 },
        );
        let mut process = another_process(name, dir.path(), part);
        process.env("PATH", &programs);
        run_process(process);
    }
}

#[test]
fn a_store_inside_of_the_workspace_and_a_home_directory_are_refused() {
    let name = "isolation::a_store_inside_of_the_workspace_and_a_home_directory_are_refused";
    if let Some((dir, part)) = other_process() {
        let server = SnapshotServer::at_with(&dir, |options| {
            if part == "inside" {
                options.snapshot_dir = Some(dir.join("root/.snapshots"));
            }
        });
        let error = server.try_create().unwrap_err();
        assert_eq!(error.code, "ROOT_REFUSED", "{part}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    run_process(another_process(name, dir.path(), "inside"));
    for home in ["root", "root/deeper"] {
        let mut process = another_process(name, dir.path(), "home");
        let home = dir.path().join(home);
        fs::create_dir_all(&home).unwrap();
        process.env("HOME", home);
        run_process(process);
    }
    assert_eq!(fs::read_dir(dir.path().join("root")).unwrap().count(), 1);
}

#[test]
fn without_the_option_the_store_is_in_the_users_directory_for_state() {
    use std::os::unix::fs::PermissionsExt as _;
    let name = "isolation::without_the_option_the_store_is_in_the_users_directory_for_state";
    if let Some((dir, _)) = other_process() {
        let server = SnapshotServer::at_with(&dir, |options| options.snapshot_dir = None);
        server.create();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut process = another_process(name, dir.path(), "");
    process.env("XDG_STATE_HOME", dir.path().join("state"));
    run_process(process);
    let stores = dir.path().join("state/loopwire/snapshots");
    let store = fs::read_dir(stores)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert_eq!(
        fs::metadata(&store).unwrap().permissions().mode() & 0o777,
        0o700
    );
    let root = dir.path().join("root").canonicalize().unwrap();
    assert_eq!(
        fs::read_to_string(store.join("root")).unwrap(),
        root.to_str().unwrap()
    );
}
