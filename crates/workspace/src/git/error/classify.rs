//! Finds the code and the sentence for what git has said.

use loopwire_channel::CommandError;

use super::super::tool::Output;
use super::redact::Redactor;
use super::table::{EMPTY_WORDS, GENERAL, TABLE};

/// The longest message.
const MAX_MESSAGE_CHARS: usize = 500;

/// The code for a failure that has none of its own.
const OTHER: &str = "GIT_FAILED";

/// Why git has failed.
pub(crate) fn failure(output: &Output, redactor: &Redactor) -> CommandError {
    let out = String::from_utf8_lossy(&output.out);
    // Git tells of conflicts on its standard output, before it says on the other one that it has failed.
    let said: Vec<&str> = out
        .lines()
        .chain(output.errors.iter().map(String::as_str))
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("hint:"))
        .collect();
    let explained = explain(&said);
    let (code, message) = match (&output.exit.signal, explained) {
        // What was said last is not why.
        (Some(signal), Some((OTHER, _)) | None) => (OTHER, format!("git was ended by {signal}")),
        (_, Some(explained)) => explained,
        (None, None) => {
            let code = output.exit.code.unwrap_or_default();
            (OTHER, format!("git ended with exit code {code}"))
        }
    };
    CommandError::new(code, shorten(&redactor.redact(&message)))
}

/// The code and the sentence for the lines. `None` if there are none.
fn explain(said: &[&str]) -> Option<(&'static str, String)> {
    let of_server = |line: &&str| line.starts_with("remote:");
    let (server, own): (Vec<&str>, Vec<&str>) = said.iter().copied().partition(of_server);
    // What git itself has found out tells more than what a server or its hook says.
    if let Some((code, line)) = find(&own, TABLE).or_else(|| find(&server, TABLE)) {
        return Some((code, plain(line)));
    }
    let code = find(&own, GENERAL).map_or(OTHER, |(code, _)| code);
    let tells = |line: &&&str| {
        let lower = line.to_lowercase();
        !EMPTY_WORDS.iter().any(|words| lower.contains(words))
    };
    let is_error = |line: &&&str| line.starts_with("fatal:") || line.starts_with("error:");
    let last = own.iter().rev().filter(is_error).find(tells);
    let last = last.or_else(|| own.iter().rev().find(tells));
    let last = last.or_else(|| own.last()).or_else(|| server.last())?;
    Some((code, plain(last)))
}

/// The first row of the table of which something is said, and the last line that says it.
fn find<'a>(
    said: &[&'a str],
    table: &[(&[&str], &'static str)],
) -> Option<(&'static str, &'a str)> {
    let lower: Vec<String> = said.iter().map(|line| line.to_lowercase()).collect();
    table.iter().find_map(|(needles, code)| {
        let fits = |line: &String| needles.iter().any(|needle| line.contains(needle));
        let at = lower.iter().rposition(fits)?;
        Some((*code, *said.get(at)?))
    })
}

/// The line without the word that says which kind of line it is.
fn plain(line: &str) -> String {
    let mut line = line;
    for word in ["remote:", "fatal:", "error:", "ERROR:", "!"] {
        line = line.strip_prefix(word).unwrap_or(line).trim();
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(message: &str) -> String {
    match message.char_indices().nth(MAX_MESSAGE_CHARS) {
        Some((at, _)) => format!("{}…", &message[..at]),
        None => message.to_owned(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_git_ssh_and_curl_say_has_a_code() {
        for (said, code, message) in [
            (
                "fatal: Authentication failed for 'https://h/r.git/'",
                "AUTH_FAILED",
                "Authentication failed for 'https://h/r.git/'",
            ),
            (
                "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make \
                 sure you have the correct access rights\nand the repository exists.",
                "AUTH_FAILED",
                "git@h: Permission denied (publickey).",
            ),
            (
                "Host key verification failed.\r\nfatal: Could not read from remote repository.",
                "HOST_KEY",
                "Host key verification failed.",
            ),
            (
                "ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.",
                "NETWORK",
                "ssh: connect to host h port 22: Connection refused",
            ),
            (
                "fatal: unable to access 'https://h/': Could not resolve host: h",
                "NETWORK",
                "unable to access 'https://h/': Could not resolve host: h",
            ),
            (
                "fatal: unable to access 'https://h/': SSL certificate problem: self-signed certificate",
                "NETWORK",
                "unable to access 'https://h/': SSL certificate problem: self-signed certificate",
            ),
            (
                "To h:r\n ! [rejected]        main -> main (fetch first)\nerror: failed to push some refs to 'h:r'\n\
                 hint: Updates were rejected",
                "REJECTED",
                "[rejected] main -> main (fetch first)",
            ),
            (
                "remote: error: GH006: Protected branch update failed for refs/heads/main.\nTo h:r\n ! [remote \
                 rejected] main -> main (protected branch hook declined)\nerror: failed to push some refs to 'h:r'",
                "REJECTED",
                "[remote rejected] main -> main (protected branch hook declined)",
            ),
            (
                "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
                "NOT_FOUND",
                "Repository not found.",
            ),
            (
                "fatal: Remote branch nope not found in upstream origin",
                "NOT_FOUND",
                "Remote branch nope not found in upstream origin",
            ),
            (
                "error: src refspec nope does not match any\nerror: failed to push some refs to 'h:r'",
                "NOT_FOUND",
                "src refspec nope does not match any",
            ),
            (
                "fatal: Unable to create '/r/.git/index.lock': File exists.\n\nAnother git process seems to be running",
                "LOCKED",
                "Another git process seems to be running",
            ),
            (
                "error: The following untracked working tree files would be overwritten by checkout:\n\ta\nAborting",
                "CONFLICT",
                "The following untracked working tree files would be overwritten by checkout:",
            ),
            (
                "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output",
                "NO_SPACE",
                "write error: No space left on device",
            ),
            (
                "fatal: something new\nfatal: Could not read from remote repository.",
                "NETWORK",
                "something new",
            ),
            ("fatal: something new", "GIT_FAILED", "something new"),
        ] {
            let lines: Vec<_> = said.lines().map(str::trim).collect();
            let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
            let (found, sentence) = explain(&lines).unwrap();
            assert_eq!((found, sentence.as_str()), (code, message), "{said}");
        }
        assert_eq!(explain(&[]), None);
    }
}
