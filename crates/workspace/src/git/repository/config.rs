//! A repository's configuration: what it would run is replaced by the user's own, or refused.

use std::path::Path;

use loopwire_channel::CommandError;

use super::super::context::Context;
use super::super::error::{Redactor, failure};
use super::super::progress::Kind;
use super::super::tool::{Invocation, Setting};
use super::find::Repository;
use super::rules::{Rule, rule};

/// Asks git for all values.
const LIST: [&str; 5] = ["config", "--includes", "--show-scope", "-z", "--list"];

/// All values that are in effect, in git's order: the last one of a key counts.
#[derive(Debug)]
pub(crate) struct Config(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    /// Whether it is the user's own: the system's, the user's, or from the environment. Otherwise it is the
    /// repository's.
    of_user: bool,
    key: String,
    /// `None` for a key without `=`, which means true.
    value: Option<String>,
}

impl Config {
    /// Reads the configuration that holds in a repository, with what its files include.
    pub(crate) async fn read(
        context: &Context,
        repository: &Repository,
    ) -> Result<Self, CommandError> {
        let invocation = context.invocation(repository.at(), false, &LIST);
        Self::ask(context, invocation).await
    }

    /// Reads the configuration that holds in a repository inside of another one's work tree, as git does that looks for
    /// changes in there: whoever owns it.
    pub(crate) async fn read_nested(
        context: &Context,
        directory: &Path,
    ) -> Result<Self, CommandError> {
        let mut invocation = context.invocation(directory.to_owned(), false, &LIST);
        let here = Some(".git".into());
        invocation.variables.push(("GIT_DIR".into(), here));
        Self::ask(context, invocation).await
    }

    async fn ask(context: &Context, invocation: Invocation) -> Result<Self, CommandError> {
        let output = context.tool.ask(invocation).await?;
        if output.cut {
            let sentence = "the configuration of the repository is larger than 1 MiB";
            return Err(CommandError::new("CONFIG_REFUSED", sentence));
        }
        if !output.succeeded() {
            return Err(failure(&output, &Redactor::default()));
        }
        Ok(Self::parse(&output.out))
    }

    fn parse(list: &[u8]) -> Self {
        let mut fields = list.split(|byte| *byte == 0);
        let mut entries = Vec::new();
        while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
            let entry = String::from_utf8_lossy(entry);
            let (key, value) = match entry.split_once('\n') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (entry.as_ref(), None),
            };
            entries.push(Entry {
                of_user: match scope {
                    b"system" | b"global" | b"command" => true,
                    // Apple's git has a configuration of its own, and no scope for it. It names the keychain.
                    b"unknown" => cfg!(target_os = "macos"),
                    _ => false,
                },
                key: key.to_owned(),
                value,
            });
        }
        Self(entries)
    }

    /// The value that is in effect.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        let entry = self.0.iter().rev().find(|entry| entry.key == key)?;
        entry.value.as_deref()
    }

    /// All values of a key, in git's order.
    pub(crate) fn values(&self, key: &str) -> Vec<&str> {
        let entries = self.0.iter().filter(|entry| entry.key == key);
        entries.filter_map(|entry| entry.value.as_deref()).collect()
    }

    /// Whether the key is set by anybody.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|entry| entry.key == key)
    }

    /// The names of the remotes, in git's order.
    pub(crate) fn remotes(&self) -> Vec<&str> {
        let keys = self.0.iter().map(|entry| entry.key.as_str());
        let mut names = Vec::new();
        for name in keys.filter_map(|key| key.strip_prefix("remote.")?.strip_suffix(".url")) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn of_user(&self, key: &str) -> Option<&str> {
        let mut entries = self.0.iter().rev();
        let entry = entries.find(|entry| entry.of_user && entry.key == key)?;
        entry.value.as_deref()
    }

    /// The settings that keep the repository's configuration from running anything.
    pub(crate) fn defend(&self, kind: Kind, hooks: bool) -> Result<Vec<Setting>, CommandError> {
        let (mut settings, mut helpers): (Vec<Setting>, _) = (Vec::new(), false);
        for entry in self.0.iter().filter(|entry| !entry.of_user) {
            let (rule, of_user) = (rule(kind, hooks, &entry.key), self.of_user(&entry.key));
            match rule {
                Rule::Harmless => {}
                Rule::Helper => helpers = true,
                Rule::Refused if of_user.is_some() && of_user == entry.value.as_deref() => {}
                Rule::Instead(value) if !entry.key.contains('=') => {
                    settings.push((entry.key.clone(), of_user.unwrap_or(value).to_owned()));
                }
                // Git would take the first `=` for the end of the key.
                Rule::Refused | Rule::Instead(_) => return Err(refused(&entry.key)),
            }
        }
        settings.dedup();
        if helpers {
            // An empty one takes back all before it. Then the user's own ones, in their order.
            settings.push(("credential.helper".to_owned(), String::new()));
            for entry in self.0.iter().filter(|entry| entry.of_user) {
                if let Some(value) = &entry.value
                    && rule(kind, hooks, &entry.key) == Rule::Helper
                {
                    if entry.key.contains('=') {
                        return Err(refused(&entry.key));
                    }
                    settings.push((entry.key.clone(), value.clone()));
                }
            }
        }
        Ok(settings)
    }
}

fn refused(key: &str) -> CommandError {
    // The value may be a secret, and the key of a credential may hold a user's name.
    let message = format!(
        "the repository's own configuration sets {}, which runs a program or writes elsewhere: set it in your own \
         configuration (git config --global), or trust the repositories of this workspace (option trustRepositories)",
        Redactor::default().redact(key)
    );
    CommandError::new("CONFIG_REFUSED", message)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn config(entries: &[(&str, &str)]) -> Config {
        let mut list = Vec::new();
        for (scope, entry) in entries {
            list.extend(format!("{scope}\0{entry}\0").into_bytes());
        }
        Config::parse(&list)
    }

    #[test]
    fn the_last_value_counts_and_remotes_are_found() {
        let config = config(&[
            ("global", "user.name\nAnn"),
            ("local", "remote.b.url\nx"),
            ("local", "remote.a.b.url\ny"),
            ("local", "remote.b.url\nz"),
            ("local", "user.name\nBob\nB"),
            ("local", "core.bare"),
        ]);
        assert_eq!(config.value("user.name"), Some("Bob\nB"));
        assert_eq!(config.value("core.bare"), None);
        assert!(config.has("core.bare") && !config.has("core.x"));
        assert_eq!(config.remotes(), ["b", "a.b"]);
    }

    #[test]
    fn what_a_repository_would_run_gives_way_to_the_users_own() {
        let pairs = |config: &Config| {
            let settings = config.defend(Kind::Pull, false).unwrap();
            let pairs = settings.iter().map(|(key, value)| format!("{key}={value}"));
            pairs.collect::<Vec<_>>()
        };
        let of_user = [
            ("system", "credential.helper\nstore"),
            ("global", "core.sshcommand\nssh -4"),
            ("global", "filter.lfs.smudge\ngit-lfs smudge"),
            ("global", "credential.https://h.helper\nmine"),
        ];
        assert!(pairs(&config(&of_user)).is_empty());
        let mut both = of_user.to_vec();
        both.extend([
            ("local", "core.sshcommand\ntouch x"),
            ("local", "filter.lfs.smudge\ngit-lfs smudge"),
            ("worktree", "gpg.program\ntouch x"),
            ("local", "credential.https://h.helper\n!touch x"),
        ]);
        let expected = [
            "core.sshcommand=ssh -4",
            "gpg.program=gpg",
            "credential.helper=",
            "credential.helper=store",
            "credential.https://h.helper=mine",
        ];
        assert_eq!(pairs(&config(&both)), expected);
        for entry in [
            "filter.x.smudge\ntouch x",
            "core.gitproxy\ntouch x",
            "http.https://h/?a=b.savecookies\ntrue",
        ] {
            let refused = config(&[("local", entry)]).defend(Kind::Pull, false);
            assert_eq!(refused.unwrap_err().code, "CONFIG_REFUSED", "{entry}");
        }
    }
}
