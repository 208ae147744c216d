//! Windows: nothing is asked yet. Git runs with what it and the user's credential helper know, and no prompt opens.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{Command, CommandError, Executor, Journal, Peer};
use serde_json::Value;

use super::super::auth::Auth;
use super::questions::{Starter, nothing_asked};

/// Says why credentials of a request are refused. A request that has some must not run with other ones.
const NOT_TAKEN: &str = "credentials that come with a request are not possible on Windows yet: git uses those of its \
    credential helper, and ssh those of its agent";

/// An operation that may have to authenticate.
#[derive(Debug)]
pub(crate) struct AskpassRequest {
    #[expect(
        dead_code,
        reason = "where something is asked, it says of what operation"
    )]
    pub(crate) id: Value,
    pub(crate) starter: Starter,
    pub(crate) auth: Option<Auth>,
    #[expect(
        dead_code,
        reason = "where credentials are given, they are for this server alone"
    )]
    pub(crate) url: Option<String>,
}

/// Answers nothing.
#[derive(Clone, Debug)]
pub(crate) struct Askpass;

/// An operation without anybody to ask. Whoever waits for its questions hears that there are no more when this is dropped.
#[derive(Debug)]
pub(crate) struct AskpassSession(Arc<super::questions::Questions>);

impl Askpass {
    pub(crate) fn new(_journal: &Arc<Journal>, _executor: &Executor, _limit: Duration) -> Self {
        Self
    }

    #[expect(clippy::unused_async, reason = "as on other systems")]
    pub(crate) async fn begin(
        &self,
        request: AskpassRequest,
    ) -> Result<AskpassSession, CommandError> {
        let session = AskpassSession(super::questions::Questions::of(
            request.starter,
            Value::Null,
        ));
        match request.auth {
            None => Ok(session),
            Some(_) => Err(CommandError::new("AUTH_FAILED", NOT_TAKEN)),
        }
    }

    pub(crate) fn command(&self, command: Command) {
        let refusal = nothing_asked();
        command.refuse(&refusal.code, &refusal.message);
    }

    pub(crate) fn left(&self, _peer: &Peer) {}
}

impl AskpassSession {
    /// Variables for git, with their value, or without one if git must not have them.
    pub(crate) fn variables(&self) -> Vec<(OsString, Option<OsString>)> {
        let set = |name: &str, value: &str| (name.into(), Some(value.into()));
        vec![
            // An empty one keeps git from asking the next in its list, which opens a window.
            set("GIT_ASKPASS", ""),
            ("SSH_ASKPASS".into(), None),
            set("GIT_TERMINAL_PROMPT", "0"),
            set("GCM_INTERACTIVE", "never"),
        ]
    }

    /// Whether ssh is run in another way than git would do it: it is, so that it waits for no answer.
    pub(crate) const fn has_key(&self) -> bool {
        true
    }

    /// How git runs ssh. `otherwise` is how git runs it without that.
    pub(crate) fn ssh_command(&self, otherwise: &OsStr) -> Option<OsString> {
        let mut command = otherwise.to_owned();
        command.push(" -o BatchMode=yes");
        Some(command)
    }

    pub(crate) const fn settings(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    pub(crate) const fn refusal(&self) -> Option<CommandError> {
        None
    }

    pub(crate) const fn runs_again(&self) -> bool {
        false
    }
}

impl Drop for AskpassSession {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// One word of the shell that git brings along.
pub(crate) fn quoted(text: &OsStr) -> OsString {
    let text = text.to_string_lossy().replace('\'', r"'\''");
    format!("'{text}'").into()
}
