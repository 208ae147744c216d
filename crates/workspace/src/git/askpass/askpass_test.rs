//! With the real git, which asks as it does in an operation, and with the program itself.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{Bounds, CommandError, Journal};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Handle;

use super::super::auth::Auth;
use super::questions::MAX_ATTEMPTS;
use super::*;
use crate::process::{Guardian, Program, RunningProgram};

const SERVER: &str = "https://example.com";
const LONG: Duration = Duration::from_secs(60);

struct Asking {
    session: AskpassSession,
    asker: Asker,
    guardian: Arc<Guardian>,
}

impl Asking {
    async fn begin(auth: Option<Auth>, limit: Duration) -> Self {
        let asker = Asker::default();
        let starter = Starter::Application(Some(asker.clone()));
        Self::started_by(starter, auth, limit, asker).await
    }

    async fn started_by(
        starter: Starter,
        auth: Option<Auth>,
        limit: Duration,
        asker: Asker,
    ) -> Self {
        let journal = Arc::new(Journal::new(Bounds::default()));
        let askpass = Askpass::new(&journal, &Handle::current().into(), limit);
        let request = AskpassRequest {
            id: json!("a"),
            starter,
            auth,
            url: Some(format!("{SERVER}/repository.git")),
        };
        Self {
            session: askpass.begin(request).await.unwrap(),
            asker,
            guardian: Arc::default(),
        }
    }

    async fn run(&self, argv: Vec<OsString>, input: bool) -> RunningProgram {
        let mut variables = self.session.variables();
        for (name, value) in [
            ("HOME", "/nowhere"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("LC_ALL", "C"),
        ] {
            variables.push((name.into(), Some(value.into())));
        }
        let program = Program {
            argv,
            directory: std::env::temp_dir(),
            variables,
            input,
        };
        program.start(&self.guardian).await.unwrap()
    }

    /// What git gets for a server, and its exit code.
    async fn fill(&self, server: &str) -> (Vec<String>, Option<i32>) {
        let mut argv: Vec<OsString> = vec!["git".into()];
        for (key, value) in self.session.settings() {
            argv.extend(["-c".into(), format!("{key}={value}").into()]);
        }
        argv.extend(["credential".into(), "fill".into()]);
        let mut running = self.run(argv, true).await;
        let mut stdin = running.stdin.take().unwrap();
        stdin
            .write_all(format!("url={server}\n\n").as_bytes())
            .await
            .unwrap();
        drop(stdin);
        let mut out = String::new();
        running.stdout.read_to_string(&mut out).await.unwrap();
        let wanted = |line: &&str| line.starts_with("username=") || line.starts_with("password=");
        (
            out.lines().filter(wanted).map(ToOwned::to_owned).collect(),
            running.wait().await.code,
        )
    }

    fn program(&self) -> OsString {
        let variables = self.session.variables();
        let found = variables
            .into_iter()
            .find(|(name, _)| name == "GIT_ASKPASS");
        found.unwrap().1.unwrap()
    }

    /// One question by the program itself.
    async fn ask(&self, prompt: &str) -> RunningProgram {
        self.run(vec![self.program(), prompt.into()], false).await
    }

    async fn answer(&self, prompt: &str) -> (String, Option<i32>) {
        heard(self.ask(prompt).await).await
    }

    /// Answers the open question.
    fn say(&self, answer: serde_json::Value) -> Result<(), CommandError> {
        self.asker.answer(serde_json::from_value(answer).unwrap())
    }

    fn refusal(&self) -> CommandError {
        self.session.refusal().unwrap()
    }
}

async fn heard(mut running: RunningProgram) -> (String, Option<i32>) {
    let mut out = String::new();
    running.stdout.read_to_string(&mut out).await.unwrap();
    (out, running.wait().await.code)
}

fn password(username: &str, password: &str) -> Auth {
    Auth::Password {
        username: username.to_owned(),
        password: Some(password.to_owned().into()),
    }
}

#[tokio::test]
async fn git_gets_the_credentials_of_the_request_and_another_server_does_not() {
    let asking = Asking::started_by(
        Starter::Application(None),
        Some(password("bob", "p w")),
        LONG,
        Asker::default(),
    )
    .await;
    let (lines, code) = asking.fill(&format!("{SERVER}/repository.git")).await;
    assert_eq!(
        (lines, code),
        (
            vec!["username=bob".to_owned(), "password=p w".to_owned()],
            Some(0)
        )
    );
    assert_eq!(asking.session.refusal(), None);
    let (lines, code) = asking.fill("https://evil.example.com/repository.git").await;
    assert_eq!((lines, code), (vec![], Some(128)));
    let refusal = asking.refusal();
    assert_eq!(refusal.code, "AUTH_FAILED");
    assert!(
        refusal.message.contains("evil.example.com"),
        "{}",
        refusal.message
    );
}

#[tokio::test]
async fn a_token_needs_no_name() {
    let auth = Auth::Token {
        token: "t".to_owned().into(),
        username: None,
    };
    let asking = Asking::begin(Some(auth), LONG).await;
    let (lines, _) = asking.fill(SERVER).await;
    assert_eq!(lines, ["username=x-access-token", "password=t"]);
}

#[tokio::test]
async fn each_program_of_an_operation_gets_the_password_of_the_request_up_to_a_bound() {
    // As Git LFS and the fetches of a partial clone ask: each is a process of its own.
    let asking = Asking::begin(Some(password("bob", "p")), LONG).await;
    for _ in 0..16 {
        let (lines, code) = asking.fill(SERVER).await;
        assert_eq!(lines, ["username=bob", "password=p"]);
        assert_eq!((code, asking.session.refusal()), (Some(0), None));
    }
    let (lines, code) = asking.fill(SERVER).await;
    assert_eq!((lines, code), (vec![], Some(128)));
}

#[tokio::test]
async fn a_program_gets_a_password_of_the_request_once() {
    let asking = Asking::begin(Some(password("bob", "wrong")), LONG).await;
    let prompt = "bob@example.com's password: ";
    assert_eq!(asking.answer(prompt).await, ("wrong\n".to_owned(), Some(0)));
    assert_eq!(asking.answer(prompt).await, (String::new(), Some(1)));
    assert!(asking.refusal().message.contains("was refused"));
}

#[tokio::test]
async fn the_application_is_asked_and_a_password_may_come_along_with_the_name() {
    let asking = Asking::begin(None, LONG).await;
    let (lines, question) = tokio::join!(asking.fill(SERVER), async {
        let question = asking.asker.next().await.unwrap();
        let refused = asking.say(json!({"password": "p"})).unwrap_err();
        assert_eq!(
            (
                refused.code.as_ref(),
                refused.message.contains("data.username")
            ),
            ("BAD_MESSAGE", true)
        );
        let line = asking.say(json!({"username": "a\nb"})).unwrap_err();
        assert_eq!(line.code, "BAD_MESSAGE");
        asking
            .say(json!({"username": "bob", "password": "p"}))
            .unwrap();
        question
    });
    assert_eq!(lines.0, ["username=bob", "password=p"]);
    let expected = json!({
        "kind": "username", "prompt": "Username for 'https://example.com': ", "url": SERVER, "host": "example.com",
        "attempt": 1
    });
    assert_eq!(serde_json::to_value(&question).unwrap(), expected);
    assert!(asking.session.runs_again(), "what was given may be wrong");
    assert!(!asking.session.runs_again());
    assert_eq!(
        asking.say(json!({"cancel": true})).unwrap_err().code,
        "GONE"
    );
}

#[tokio::test]
async fn a_question_is_asked_three_times() {
    let asking = Asking::begin(None, LONG).await;
    let ask = async || {
        for attempt in 1..=MAX_ATTEMPTS {
            let question = asking.asker.next().await.unwrap();
            assert_eq!(question.attempt, attempt);
            asking.say(json!({"password": "wrong"})).unwrap();
        }
    };
    let prompt = "bob@example.com's password: ";
    let answers = async {
        let mut codes = Vec::new();
        for _ in 0..=MAX_ATTEMPTS {
            codes.push(asking.answer(prompt).await.1);
        }
        codes
    };
    let (codes, ()) = tokio::join!(answers, ask());
    assert_eq!(codes, [Some(0), Some(0), Some(0), Some(1)]);
    assert!(asking.refusal().message.contains("3 times"));
    assert!(!asking.session.runs_again());
}

#[tokio::test]
async fn an_answer_that_is_refused_or_does_not_come_ends_the_asking() {
    let asking = Asking::begin(None, LONG).await;
    let cancel = async {
        asking.asker.next().await.unwrap();
        asking.asker.answer(Answer::cancelled()).unwrap();
    };
    let ((lines, code), ()) = tokio::join!(asking.fill(SERVER), cancel);
    assert_eq!((lines.len(), code), (0, Some(128)));
    assert_eq!(
        (
            asking.refusal().code.as_ref(),
            asking.refusal().message.contains("refused")
        ),
        ("AUTH_FAILED", true)
    );
    // Nothing is asked any more.
    assert_eq!(asking.answer("Password: ").await.1, Some(1));

    let late = Asking::begin(None, Duration::from_millis(50)).await;
    assert_eq!(late.answer("Password: ").await.1, Some(1));
    assert!(
        late.refusal()
            .message
            .contains("nobody answered within 0.05 seconds"),
        "{}",
        late.refusal().message
    );
}

#[tokio::test]
async fn a_host_key_is_accepted_or_the_operation_says_so() {
    let prompt = "The authenticity of host 'h (192.0.2.1)' can't be established.\nED25519 key fingerprint is \
        SHA256:x.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ";
    let asking = Asking::begin(Some(password("bob", "p")), LONG).await;
    let accept = async |accept: bool| {
        let question = asking.asker.next().await.unwrap();
        assert_eq!(
            (question.kind, question.fingerprint.as_deref()),
            (QuestionKind::HostKey, Some("SHA256:x"))
        );
        asking.say(json!({"accept": accept})).unwrap();
    };
    let (yes, ()) = tokio::join!(asking.answer(prompt), accept(true));
    assert_eq!(yes, ("yes\n".to_owned(), Some(0)));
    let (no, ()) = tokio::join!(asking.answer(prompt), accept(false));
    assert_eq!(no, (String::new(), Some(1)));
    assert_eq!(asking.refusal().code, "HOST_KEY");
}

#[tokio::test]
async fn several_prompts_wait_for_their_turn_and_each_gets_its_own_answer() {
    let asking = Asking::begin(None, LONG).await;
    let mut asked = Vec::new();
    for n in 0..8 {
        asked.push((
            n,
            asking.ask(&format!("u{n}@example.com's password: ")).await,
        ));
    }
    // One of them is killed; its answer goes nowhere.
    let (_, mut killed) = asked.remove(3);
    for _ in 0..8 {
        let question = asking.asker.next().await.unwrap();
        let user = question.username.unwrap();
        if user == "u3" {
            killed.end().await;
        }
        asking.say(json!({"password": format!("p{user}")})).unwrap();
    }
    for (n, running) in asked {
        assert_eq!(heard(running).await, (format!("pu{n}\n"), Some(0)));
    }
}

#[tokio::test]
async fn a_long_secret_passes_and_a_longer_one_is_refused() {
    let asking = Asking::begin(None, LONG).await;
    let longest = "x".repeat(MAX_ANSWER_BYTES);
    let give = async {
        asking.asker.next().await.unwrap();
        let longer = format!("{longest}x");
        assert_eq!(
            asking.say(json!({"password": longer})).unwrap_err().code,
            "BAD_MESSAGE"
        );
        asking.say(json!({"password": longest})).unwrap();
    };
    let (heard, ()) = tokio::join!(asking.answer("Password: "), give);
    assert_eq!(heard, (format!("{longest}\n"), Some(0)));
}

#[tokio::test]
async fn nonsense_in_the_pipe_is_no_question_and_nothing_is_left_at_the_end() {
    let asking = Asking::begin(None, LONG).await;
    let program = PathBuf::from(asking.program());
    let directory = program.parent().unwrap().to_owned();
    let nonsense = format!("x\n\n-1\n99999999999999\n{}\n4711\n", "9".repeat(3_000));
    std::fs::write(directory.join("ask"), nonsense).unwrap();
    let give = async {
        asking.asker.next().await.unwrap();
        asking.say(json!({"password": "p"})).unwrap();
    };
    let (heard, ()) = tokio::join!(asking.answer("Password: "), give);
    assert_eq!(heard, ("p\n".to_owned(), Some(0)));
    let asker = asking.asker.clone();
    drop(asking);
    assert!(asker.next().await.is_none());
    // The task that serves the pipe lets go of the directory when it is dropped.
    while directory.exists() {
        tokio::task::yield_now().await;
    }
}
