//! Which keys of a repository's own configuration run a program, or write somewhere, and what is done about each.

use super::super::progress::Kind;

/// What is done about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing: it runs nothing, or a variable or an option of ours wins over it.
    Harmless,
    /// The user's own value is used instead, or this one if the user has none.
    Instead(&'static str),
    /// All of the user's own helpers are used instead.
    Helper,
    /// It is refused, unless the user's own value is the same. Leaving it out would change what is written into
    /// files, or nobody could tell what else it does.
    Refused,
}

/// The rule for `section.subsection.variable`. Git writes the first and the last in lower case.
pub(super) fn rule(kind: Kind, hooks: bool, key: &str) -> Rule {
    let (section, rest) = key.split_once('.').unwrap_or((key, ""));
    let (subsection, variable) = rest.rsplit_once('.').unwrap_or(("", rest));
    let touches_files = matches!(kind, Kind::Pull | Kind::Checkout);
    match (section, variable) {
        ("core", "sshcommand") => Rule::Instead("ssh"),
        ("ssh", "variant") => Rule::Instead("auto"),
        ("core", "protectntfs" | "protecthfs") => Rule::Instead("true"),
        ("core", "gitproxy" | "alternaterefscommand") => Rule::Refused,
        ("credential", "helper") => Rule::Helper,
        // Cookies would be written into any file.
        ("http", "savecookies") => Rule::Instead("false"),
        // Whoever is trusted for TLS gets what the user's helpers know about the real server.
        ("http", "sslverify" | "sslcainfo" | "sslcapath") => Rule::Refused,
        // A ticket that lets the server act as the user.
        ("http", "delegation") => Rule::Instead("none"),
        // Files outside of the root: the first line of one is in git's message, and objects of the other could be pushed.
        ("fetch", "skiplist" | "bundleuri") => Rule::Refused,
        ("gpg", "program") => Rule::Instead(match subsection {
            "x509" => "gpgsm",
            "ssh" => "ssh-keygen",
            _ => "gpg",
        }),
        ("gpg", "defaultkeycommand") => Rule::Refused,
        ("gc", "recentobjectshook") => Rule::Refused,
        ("hook", "command") if !hooks => Rule::Refused,
        // For a path these are programs on this machine; lazy fetches start them, too.
        ("remote", "uploadpack" | "receivepack" | "vcs") => Rule::Refused,
        ("filter", "clean" | "smudge" | "process") if touches_files => Rule::Refused,
        ("merge", "driver") if touches_files => Rule::Refused,
        // The user's filter of Git LFS reads them.
        ("lfs", "storage") => Rule::Refused,
        ("lfs", "path" | "clean" | "smudge")
            if subsection.starts_with("customtransfer.")
                || subsection.starts_with("extension.") =>
        {
            Rule::Refused
        }
        _ => Rule::Harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_run_programs_have_rules_and_usual_ones_have_none() {
        let rule = |key| rule(Kind::Pull, false, key);
        for key in [
            "core.gitproxy",
            "remote.origin.uploadpack",
            "remote.a.b.receivepack",
            "remote.origin.vcs",
            "filter.x.smudge",
            "filter.a.b.process",
            "merge.x.driver",
            "hook.x.command",
            "lfs.customtransfer.x.path",
            "lfs.extension.x.clean",
            "http.sslverify",
            "http.https://h/.sslcainfo",
            "fetch.fsck.skiplist",
            "fetch.bundleuri",
        ] {
            assert_eq!(rule(key), Rule::Refused, "{key}");
        }
        assert_eq!(rule("credential.https://h.helper"), Rule::Helper);
        assert_eq!(rule("gpg.ssh.program"), Rule::Instead("ssh-keygen"));
        for key in [
            "core.bare",
            "core.editor",
            "remote.origin.url",
            "branch.main.merge",
            "user.name",
            "filter.lfs.required",
            "lfs.url",
            "merge.conflictstyle",
            "submodule.x.url",
            "odd",
            "",
        ] {
            assert_eq!(rule(key), Rule::Harmless, "{key}");
        }
        assert_eq!(
            super::rule(Kind::Push, true, "hook.x.command"),
            Rule::Harmless
        );
        assert_eq!(
            super::rule(Kind::Fetch, false, "filter.x.smudge"),
            Rule::Harmless
        );
    }
}
