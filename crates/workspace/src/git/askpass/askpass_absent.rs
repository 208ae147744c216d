//! Where no program is run, nothing asks for credentials.
#![allow(
    dead_code,
    reason = "it stands for the one of systems that run programs"
)]

use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{Command, CommandError, Executor, Journal, Peer};
use serde_json::Value;

use super::super::auth::Auth;
use super::questions::{Starter, nothing_asked};

/// An operation that may have to authenticate.
#[derive(Debug)]
pub(crate) struct AskpassRequest {
    pub(crate) id: Value,
    pub(crate) starter: Starter,
    pub(crate) auth: Option<Auth>,
    pub(crate) url: Option<String>,
}

/// Answers nothing.
#[derive(Clone, Debug)]
pub(crate) struct Askpass;

/// Is never made.
#[derive(Debug)]
pub(crate) enum AskpassSession {}

impl Askpass {
    pub(crate) fn new(_journal: &Arc<Journal>, _executor: &Executor, _limit: Duration) -> Self {
        Self
    }

    #[expect(clippy::unused_async, reason = "as where programs are run")]
    pub(crate) async fn begin(
        &self,
        _request: AskpassRequest,
    ) -> Result<AskpassSession, CommandError> {
        let message = "this version has no git on this system";
        Err(CommandError::new("NOT_ENABLED", message))
    }

    pub(crate) fn command(&self, command: Command) {
        let refusal = nothing_asked();
        command.refuse(&refusal.code, &refusal.message);
    }

    pub(crate) fn left(&self, _peer: &Peer) {}
}

impl AskpassSession {
    pub(crate) fn variables(&self) -> Vec<(OsString, Option<OsString>)> {
        match *self {}
    }

    pub(crate) fn has_key(&self) -> bool {
        match *self {}
    }

    pub(crate) fn ssh_command(&self, _otherwise: &OsStr) -> Option<OsString> {
        match *self {}
    }

    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        match *self {}
    }

    pub(crate) fn refusal(&self) -> Option<CommandError> {
        match *self {}
    }

    pub(crate) fn runs_again(&self) -> bool {
        match *self {}
    }
}

pub(crate) fn quoted(text: &OsStr) -> OsString {
    text.to_owned()
}
