//! The environment of git: that of the user, without what belongs to another git, and with its messages in English.

use std::ffi::{OsStr, OsString};

use super::invocation::{Setting, Variables};

/// What the user may say to git by variables. Everything else that begins with `GIT_` says where another git, which
/// has started this process, has its repository (as in a hook), or makes git write secrets into a file (`GIT_TRACE…`).
const KEPT: [&str; 25] = [
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_LOW_SPEED_LIMIT",
    "GIT_HTTP_LOW_SPEED_TIME",
    "GIT_HTTP_PROXY_AUTHMETHOD",
    "GIT_HTTP_USER_AGENT",
    "GIT_PROXY_COMMAND",
    "GIT_PROXY_SSL_CAINFO",
    "GIT_PROXY_SSL_CERT",
    "GIT_PROXY_SSL_KEY",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_CERT",
    "GIT_SSL_KEY",
    "GIT_SSL_NO_VERIFY",
];

/// As above: families.
const KEPT_FAMILIES: [&str; 2] = ["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"];

/// What git must not find out by asking on a terminal, and how it speaks.
const SET: [(&str, Option<&str>); 10] = [
    // Messages decide which error is told, so they are git's own English ones. The encoding stays the user's: filters
    // and hooks read names in it.
    ("LC_MESSAGES", Some("C")),
    ("LC_ALL", None),
    ("LANGUAGE", None),
    // Without these, short work shows no progress at all for two seconds.
    ("GIT_PROGRESS_DELAY", Some("0")),
    // No editor opens where nobody sees it; the text is taken as it is.
    ("GIT_EDITOR", Some(":")),
    ("GIT_SEQUENCE_EDITOR", Some(":")),
    ("GIT_MERGE_AUTOEDIT", Some("no")),
    ("GIT_PAGER", Some("cat")),
    ("GIT_TERMINAL_PROMPT", Some("0")),
    ("TERM", Some("dumb")),
];

fn is_kept(name: &OsStr) -> bool {
    // On Windows the names of variables have no case.
    let name = name.to_string_lossy().to_ascii_uppercase();
    !name.starts_with("GIT_")
        || KEPT.contains(&name.as_str())
        || KEPT_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// The variables for git: what this process has and git must not have, the application's own, and ours.
pub(super) fn variables(given: &[(String, String)]) -> Variables {
    from(std::env::vars_os(), given)
}

/// The variable by which git itself hands its options `-c` on to what it starts. Other users see arguments in the list
/// of processes, and a setting may hold a secret: a helper of the user, or a URL.
pub(super) fn settings(settings: &[Setting]) -> Option<OsString> {
    let quoted = |(key, value): &Setting| {
        let word = format!("{key}={value}").replace('\'', r"'\''");
        format!("'{word}'")
    };
    let words: Vec<_> = settings.iter().map(quoted).collect();
    (!words.is_empty()).then(|| words.join(" ").into())
}

fn from(host: impl Iterator<Item = (OsString, OsString)>, given: &[(String, String)]) -> Variables {
    let (mut all, mut encoding) = (Variables::new(), None);
    for (name, value) in host {
        if !is_kept(&name) {
            all.push((name, None));
        } else if name == "LC_ALL" && !value.is_empty() {
            encoding = Some(value);
        }
    }
    for (name, value) in given {
        match name.as_str() {
            "LC_ALL" => encoding = Some(value.into()),
            _ => all.push((name.into(), Some(value.into()))),
        }
    }
    if let Some(encoding) = encoding {
        all.push(("LC_CTYPE".into(), Some(encoding)));
    }
    all.extend(SET.map(|(name, value)| (name.into(), value.map(Into::into))));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(all: &Variables, name: &str) -> Option<Option<String>> {
        let found = all.iter().rev().find(|(one, _)| one == name)?;
        Some(
            found
                .1
                .as_ref()
                .map(|value| value.to_string_lossy().into_owned()),
        )
    }

    #[test]
    fn what_belongs_to_another_git_is_taken_away_and_what_is_the_users_stays() {
        let host = [
            "GIT_DIR",
            "GIT_CONFIG_PARAMETERS",
            "GIT_TRACE_CURL",
            "GIT_SSL_CAINFO",
            "HOME",
        ];
        let all = from(
            host.iter().map(|name| ((*name).into(), "x".into())),
            &[("HTTPS_PROXY".to_owned(), "http://p".to_owned())],
        );
        for name in &host[..3] {
            assert_eq!(value(&all, name), Some(None), "{name}");
        }
        for name in &host[3..] {
            assert_eq!(value(&all, name), None, "{name}");
        }
        assert_eq!(value(&all, "HTTPS_PROXY"), Some(Some("http://p".into())));
    }

    #[test]
    fn messages_are_english_and_the_encoding_stays() {
        let host = [("LC_ALL".into(), "de_DE.ISO-8859-1".into())];
        let all = from(host.into_iter(), &[]);
        assert_eq!(value(&all, "LC_ALL"), Some(None));
        assert_eq!(value(&all, "LC_MESSAGES"), Some(Some("C".into())));
        let kept = Some(Some("de_DE.ISO-8859-1".into()));
        assert_eq!(value(&all, "LC_CTYPE"), kept);
    }
}
