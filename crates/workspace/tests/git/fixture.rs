//! A workspace beside a remote repository, and a client that asks for git operations.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use loopwire_workspace::{GitProtocol, Options};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Client, TestServer};

/// A workspace, and beside it a remote repository with two commits on `main` and one on `other`.
pub(crate) struct Fixture {
    pub(crate) server: TestServer,
    pub(crate) dir: TempDir,
}

/// What became of an operation.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) progress: Vec<Value>,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

impl Ended {
    pub(crate) fn code(&self) -> &str {
        self.data["code"].as_str().unwrap_or("none")
    }

    pub(crate) fn commit(&self) -> &str {
        assert_eq!(self.kind, "git:complete", "{}", self.data);
        self.data["commit"].as_str().unwrap()
    }
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// Repositories may be named by their paths, unless that is changed.
    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["root", "home", "seed", "canaries"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let config = "[user]\nname = Ann\nemail = ann@example.com\n[init]\ndefaultBranch = main\n[commit]\ngpgSign = false\n";
        fs::write(dir.path().join("home/.gitconfig"), config).unwrap();
        let home = dir.path().join("home").to_str().unwrap().to_owned();
        let mut options = Options {
            env: vec![
                ("HOME".to_owned(), home.clone()),
                ("GIT_CONFIG_GLOBAL".to_owned(), format!("{home}/.gitconfig")),
                ("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned()),
            ],
            git_protocols: GitProtocol::ALL[..5].to_vec(),
            ..Options::default()
        };
        change(&mut options);
        let server = TestServer::at(&dir.path().join("root"), options);
        let fixture = Self { server, dir };
        let seed = fixture.path("seed");
        fixture.git(&seed, &["init", "-q"]);
        for (name, message) in [("a.txt", "first"), ("b.txt", "second")] {
            fixture.commit(&seed, name, message);
        }
        fixture.git(&seed, &["checkout", "-q", "-b", "other"]);
        fixture.commit(&seed, "c.txt", "third");
        fixture.git(&seed, &["checkout", "-q", "main"]);
        fixture.git(
            dir_of(&seed),
            &["clone", "-q", "--bare", "seed", "remote.git"],
        );
        fixture.git(&seed, &["remote", "add", "origin", "../remote.git"]);
        fixture
    }

    /// A path beside the workspace.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A path in the workspace.
    pub(crate) fn inside(&self, name: &str) -> PathBuf {
        self.server.path(name)
    }

    pub(crate) fn remote(&self) -> String {
        self.path("remote.git").to_str().unwrap().to_owned()
    }

    /// Runs git as the user would. It must succeed.
    pub(crate) fn git(&self, directory: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(directory)
            .env("HOME", self.path("home"))
            .env("GIT_CONFIG_GLOBAL", self.path("home/.gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .env_remove("GIT_CONFIG_PARAMETERS")
            .env_remove("GIT_TRACE")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits a file with that text.
    pub(crate) fn commit(&self, directory: &Path, name: &str, text: &str) -> String {
        fs::write(directory.join(name), text).unwrap();
        self.git(directory, &["add", name]);
        self.git(directory, &["commit", "-q", "-m", text]);
        self.git(directory, &["rev-parse", "HEAD"])
    }

    /// A clone of the remote in the workspace, made by the user.
    pub(crate) fn cloned(&self, name: &str) -> PathBuf {
        let remote = self.remote();
        self.git(self.server.root(), &["clone", "-q", &remote, name]);
        self.inside(name)
    }

    /// A program that leaves a file with that name in `canaries`.
    pub(crate) fn canary(&self, name: &str) -> String {
        let program = self.path(&format!("canary-{name}"));
        let mark = self.path("canaries").join(name);
        let script = format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display());
        write_program(&program, &script);
        program.to_str().unwrap().to_owned()
    }

    /// The canaries that have run.
    pub(crate) fn canaries(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("canaries")).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Asks for an operation, and hears it to its end.
    pub(crate) fn run(&self, name: &str, data: &Value) -> Ended {
        let mut client = self.server.connect();
        client.command(name, data);
        ended(&mut client)
    }

    pub(crate) fn clone_to(&self, target: &str) -> Ended {
        let data = json!({"url": self.remote(), "targetDir": target, "id": target});
        self.run("git:clone", &data)
    }
}

/// Writes a program, and the directories that lead to it.
pub(crate) fn write_program(path: &Path, script: &str) {
    fs::create_dir_all(dir_of(path)).unwrap();
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn dir_of(path: &Path) -> &Path {
    path.parent().unwrap()
}

/// Hears one operation to its end.
pub(crate) fn ended(client: &mut Client) -> Ended {
    let mut progress = Vec::new();
    loop {
        let mut value = client.receive();
        let data = value["data"].take();
        match value["type"].as_str().unwrap() {
            "git:progress" => progress.push(data),
            // Nobody answers in these tests.
            "git:credentialsRequired" => {}
            kind => {
                let kind = kind.to_owned();
                return Ended {
                    progress,
                    kind,
                    data,
                };
            }
        }
    }
}
