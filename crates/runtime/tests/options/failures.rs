//! Failures: the class, the code and the keys of each.

use std::io;
use std::net::SocketAddr;

use loopwire_channel::{CommandError, OpenError, PublishError, Token};
use loopwire_runtime::{Class, Failure, Key, RuntimeError, WorkspaceError};

fn keys(failure: &Failure) -> Vec<(&'static str, String)> {
    let shown = |key: &Key| match key {
        Key::Text(text) => text.clone(),
        Key::Number(number) => number.to_string(),
    };
    failure
        .keys()
        .map(|(name, key)| (name, shown(key)))
        .collect()
}

fn system(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

#[cfg(unix)]
#[test]
fn a_port_that_cannot_be_bound_is_told_as_node_tells_it() {
    let address: SocketAddr = "127.0.0.1:8881".parse().unwrap();
    let told = |source| Failure::from(RuntimeError::Bind { address, source });
    let taken = told(io::Error::from(io::ErrorKind::AddrInUse));
    assert_eq!((taken.class(), taken.code()), (Class::Error, "EADDRINUSE"));
    assert_eq!(
        taken.message(),
        "listen EADDRINUSE: address already in use 127.0.0.1:8881"
    );
    let keys = keys(&taken);
    assert!(keys.contains(&("syscall", "listen".to_owned())));
    assert!(keys.contains(&("address", "127.0.0.1".to_owned())));
    assert!(keys.contains(&("port", "8881".to_owned())));
    assert!(taken.cause().is_none());
    let code = |source| told(source).code().to_owned();
    assert_eq!(
        code(io::ErrorKind::AddrNotAvailable.into()),
        "EADDRNOTAVAIL"
    );
    assert_eq!(code(io::ErrorKind::PermissionDenied.into()), "EACCES");
    assert_eq!(code(system(24)), "EMFILE");
    assert_eq!(code(io::ErrorKind::Other.into()), "ERR_LISTEN");
}

#[cfg(unix)]
#[test]
fn what_a_runtime_refuses_has_a_code_and_its_cause() {
    let told = |error| {
        let failure = Failure::from(error);
        let cause = failure.cause().map(|cause| cause.code().to_owned());
        (failure.code().to_owned(), cause)
    };
    let plain = |code: &str| (code.to_owned(), None);
    let with = |code: &str, cause: &str| (code.to_owned(), Some(cause.to_owned()));
    assert_eq!(
        told(RuntimeError::JournalInUse),
        plain("ERR_JOURNAL_IN_USE")
    );
    assert_eq!(
        told(RuntimeError::WorkspaceOpen),
        plain("ERR_WORKSPACE_OPEN")
    );
    assert_eq!(
        told(RuntimeError::Threads(system(11))),
        with("ERR_START_FAILED", "EAGAIN")
    );
    assert_eq!(
        told(RuntimeError::Threads(system(24))),
        with("EMFILE", "EMFILE")
    );
    assert_eq!(
        told(RuntimeError::Open(OpenError::Socket(system(12)))),
        with("ERR_START_FAILED", "ENOMEM")
    );
    let source = system(2);
    let path = "/nowhere".into();
    let root = Failure::from(RuntimeError::Workspace(WorkspaceError::Root {
        path,
        source,
    }));
    assert_eq!(root.code(), "ERR_WORKSPACE_ROOT");
    assert_eq!(keys(&root), [("path", "/nowhere".to_owned())]);
    assert_eq!(root.cause().map(Failure::code), Some("ENOENT"));
    let path = "/etc/hosts".into();
    let file = RuntimeError::Workspace(WorkspaceError::NotADirectory { path });
    assert_eq!(told(file), plain("ERR_WORKSPACE_ROOT"));
    let source = system(24);
    let none = RuntimeError::Workspace(WorkspaceError::Descriptors { source });
    assert_eq!(told(none), with("EMFILE", "EMFILE"));
}

#[test]
fn what_cannot_be_published_has_a_code() {
    let told = |error| {
        let failure = Failure::from(error);
        (failure.class(), failure.code().to_owned())
    };
    let code = |class, code: &str| (class, code.to_owned());
    assert_eq!(
        told(PublishError::Full),
        code(Class::Error, "ERR_JOURNAL_FULL")
    );
    assert_eq!(told(PublishError::Closed), code(Class::Error, "ERR_CLOSED"));
    assert_eq!(
        told(PublishError::TooLarge),
        code(Class::Range, "ERR_EVENT_TOO_LARGE")
    );
    let token = Failure::from(Token::parse("").unwrap_err());
    assert_eq!(
        (token.class(), token.code()),
        (Class::Range, "ERR_TOKEN_INVALID")
    );
}

#[test]
fn a_refusal_keeps_the_code_of_the_wire_and_names_a_path() {
    let refusal = CommandError::new("NOT_FOUND", "there is no such file");
    let told = Failure::refused_at(&refusal, "a/b");
    assert_eq!((told.class(), told.code()), (Class::Error, "NOT_FOUND"));
    assert_eq!(keys(&told), [("path", "a/b".to_owned())]);
    // No message of a client: an argument of the application.
    let bad = CommandError::new("BAD_MESSAGE", "path must not be empty");
    let told = Failure::refused(&bad);
    assert_eq!(
        (told.class(), told.code()),
        (Class::Type, "ERR_INVALID_ARG_VALUE")
    );
    // A directory is named if the refusal is about it.
    let outside = CommandError::new("PATH_OUTSIDE", "it is outside of the root");
    let told = Failure::refused_in(&outside, Some("../a"));
    assert_eq!(keys(&told), [("path", "../a".to_owned())]);
    let limit = CommandError::new("LIMIT", "too many terminals");
    assert_eq!(keys(&Failure::refused_in(&limit, Some("a"))), []);
    assert_eq!(keys(&Failure::refused_in(&outside, None)), []);
}

#[test]
fn what_ends_and_what_was_not_enabled_have_codes() {
    assert_eq!(Failure::shut_down().code(), "ERR_SHUT_DOWN");
    let off = Failure::not_enabled("git");
    assert_eq!(
        (off.code(), off.message()),
        ("NOT_ENABLED", "the workspace was opened with git: false")
    );
}

#[test]
fn further_keys_stay_in_their_order() {
    let failure = Failure::invalid("no")
        .with("address", "::1")
        .with_number("port", 7_u16)
        .because(Failure::shut_down());
    assert_eq!(
        keys(&failure),
        [("address", "::1".to_owned()), ("port", "7".to_owned())]
    );
    assert_eq!(failure.cause().map(Failure::code), Some("ERR_SHUT_DOWN"));
}
