//! Which number each code has.

use loopwire_runtime::{Class, Failure};
use serde_json::Value;

use super::result::LoopwireResult::{self, *};

/// The codes that have a number of their own. Others have that of their class.
const NUMBERED: [(&str, LoopwireResult); 22] = [
    ("ERR_UNKNOWN_OPTION", UnknownOption),
    ("ERR_SHUT_DOWN", ShutDown),
    ("ERR_CLOSED", ShutDown),
    ("ERR_FORKED", Forked),
    ("ERR_IN_CALLBACK", InCallback),
    ("ERR_TIMED_OUT", TimedOut),
    ("ERR_ENDED", Ended),
    ("EADDRINUSE", AddressInUse),
    ("EADDRNOTAVAIL", AddressUnusable),
    ("EACCES", AddressUnusable),
    ("ERR_LISTEN", AddressUnusable),
    ("EMFILE", TooManyFiles),
    ("TOO_MANY_OPEN_FILES", TooManyFiles),
    ("ERR_TOKEN_INVALID", InvalidToken),
    ("ERR_INSECURE_HOST", InsecureHost),
    ("ERR_JOURNAL_FULL", JournalFull),
    ("ERR_EVENT_TOO_LARGE", EventTooLarge),
    ("NO_WORKSPACE", Closed),
    ("CANCELLED", Cancelled),
    ("ERR_INTERNAL", Internal),
    ("INTERNAL", Internal),
    ("ENOMEM", NoMemory),
];

/// Every code that a failure may have.
fn codes() -> Vec<String> {
    let list = include_str!("../../../../fixtures/schema/codes.json");
    let list: Value = serde_json::from_str(list).expect("JSON");
    let groups = [
        "CommandErrorCode",
        "GitErrorCode",
        "ThrownErrorCode",
        "texts",
        "library",
    ];
    let of = |group: &str| match &list[group]["values"] {
        Value::Object(values) => values.keys().cloned().collect::<Vec<_>>(),
        Value::Array(values) => {
            let values = values.iter().filter_map(Value::as_str);
            values.map(str::to_owned).collect()
        }
        _ => panic!("{group} has no codes"),
    };
    groups.into_iter().flat_map(of).collect()
}

#[test]
fn every_code_has_the_number_that_is_meant() {
    let codes = codes();
    assert!(codes.len() > 90);
    for code in &codes {
        let meant = NUMBERED.iter().find(|(numbered, _)| numbered == code);
        let result = |class| LoopwireResult::of(&Failure::new(class, code.clone(), "m"));
        let Some((_, meant)) = meant else {
            assert_eq!(result(Class::Error), Failed, "{code}");
            assert_eq!(result(Class::Type), InvalidArgument, "{code}");
            assert_eq!(result(Class::Range), OutOfRange, "{code}");
            continue;
        };
        for class in [Class::Error, Class::Type, Class::Range] {
            assert_eq!(result(class), *meant, "{code}");
        }
    }
    // None is numbered that there is not.
    for (numbered, _) in NUMBERED {
        assert!(codes.iter().any(|code| code == numbered), "{numbered}");
    }
}
