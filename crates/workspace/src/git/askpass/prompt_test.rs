//! The sentences in which git and ssh ask, as their versions have them.

use super::prompt::{Prompt, QuestionKind};
use super::url::{host, same_server, without_user};

fn read(text: &str) -> (QuestionKind, Option<String>, Option<String>, Option<String>) {
    let Prompt {
        kind,
        url,
        host,
        user,
        ..
    } = Prompt::read(text);
    (kind, url, host, user)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn git_asks_for_a_name_and_a_password_of_a_url() {
    let (url, host) = (some("https://example.com:8443"), some("example.com:8443"));
    for (text, kind, user) in [
        (
            "Username for 'https://example.com:8443': ",
            QuestionKind::Username,
            None,
        ),
        (
            "Password for 'https://bob@example.com:8443': ",
            QuestionKind::Password,
            some("bob"),
        ),
        (
            "Password for 'https://a%40b.c@example.com:8443': ",
            QuestionKind::Password,
            some("a@b.c"),
        ),
        // git-lfs
        (
            "Password for \"https://bob@example.com:8443\"",
            QuestionKind::Password,
            some("bob"),
        ),
    ] {
        assert_eq!(
            read(text),
            (kind, url.clone(), host.clone(), user),
            "{text}"
        );
    }
}

#[test]
fn ssh_asks_for_passwords_passphrases_and_host_keys() {
    let host = some("example.com");
    let password = QuestionKind::Password;
    for text in [
        "bob@example.com's password: ",
        "(bob@example.com) Password: ",
        "(bob@example.com) Code: ",
    ] {
        assert_eq!(
            read(text),
            (password, None, host.clone(), some("bob")),
            "{text}"
        );
    }
    let keys = [
        "Enter passphrase for key '/it's/k': ",
        "Enter passphrase for /it's/k: ",
    ];
    for text in keys {
        let prompt = Prompt::read(text);
        assert_eq!(
            (prompt.kind, prompt.key),
            (QuestionKind::Passphrase, some("/it's/k")),
            "{text}"
        );
    }
    let unknown = "The authenticity of host '[example.com]:2222 ([192.0.2.1]:2222)' can't be established.\n\
        ED25519 key fingerprint is SHA256:abc+/.\nThis key is not known by any other names.\n\
        Are you sure you want to continue connecting (yes/no/[fingerprint])? ";
    let prompt = Prompt::read(unknown);
    assert_eq!(
        (prompt.kind, prompt.host.as_deref()),
        (QuestionKind::HostKey, Some("[example.com]:2222"))
    );
    assert_eq!(prompt.fingerprint(), Some("SHA256:abc+/"));
    assert_eq!(prompt.text, unknown);
    for text in [
        "Please type 'yes', 'no' or the fingerprint: ",
        "Go on (yes/no)? ",
    ] {
        assert_eq!(Prompt::read(text).kind, QuestionKind::HostKey, "{text}");
    }
}

#[test]
fn what_is_not_known_is_a_question_for_a_password_without_control_characters() {
    let prompt = Prompt::read("\x1b[2JOne-time\r code\x07: ");
    assert_eq!(
        (prompt.kind, prompt.text.as_str()),
        (QuestionKind::Password, "[2JOne-time code: ")
    );
    assert_eq!((prompt.url, prompt.host), (None, None));
    assert_eq!(read("Password for 'nonsense': ").0, QuestionKind::Password);
    assert_eq!(read("").0, QuestionKind::Password);
}

#[test]
fn credentials_are_for_one_server() {
    assert!(same_server(
        "https://Example.com/a/b",
        "https://example.com:443"
    ));
    for other in [
        "http://example.com",
        "https://example.com:8443",
        "https://example.com.evil",
        "https://evil/example.com",
    ] {
        assert!(!same_server("https://example.com", other), "{other}");
    }
    assert_eq!(host("git@example.com:a/b"), some("example.com"));
    assert_eq!(host("ssh://git@[::1]:22/a"), some("[::1]:22"));
    assert_eq!(host("/a/b:c"), None);
    assert_eq!(
        without_user("https://a:b@c@h/p"),
        Some(("https://h/p".to_owned(), some("a")))
    );
}
