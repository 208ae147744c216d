//! Checks what is asked for, as far as its text tells.

use std::time::Duration;

use loopwire_channel::CommandError;
use serde_json::Value;

use super::super::address::{Address, UserInformation, check_branch};
use super::super::auth::Auth;
use super::super::context::Context;
use super::super::progress::Kind;
use super::super::request::{Action, Exchange, GitRequest};

/// The longest depth, which git has, too.
const MAX_DEPTH: u32 = i32::MAX as u32;

/// An operation whose text was checked.
pub(crate) struct Prepared {
    pub(crate) id: Option<Value>,
    pub(crate) work: Work,
    pub(crate) auth: Option<Auth>,
    pub(crate) timeout: Option<Duration>,
}

/// What is to be done.
pub(crate) enum Work {
    Clone {
        address: Address,
        target: String,
        branch: Option<String>,
        depth: Option<u32>,
    },
    Exchange {
        kind: Kind,
        exchange: Exchange,
    },
    Checkout {
        repository: String,
        branch: String,
        create: bool,
    },
}

impl Work {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Clone { .. } => Kind::Clone,
            Self::Exchange { kind, .. } => *kind,
            Self::Checkout { .. } => Kind::Checkout,
        }
    }

    /// What is about to be done, for people.
    pub(crate) fn status(&self) -> String {
        match self {
            Self::Clone { target, .. } => format!("Cloning into '{target}'..."),
            Self::Exchange { kind, exchange } => {
                let what = match kind {
                    Kind::Push => "Pushing from",
                    Kind::Pull => "Pulling into",
                    _ => "Fetching into",
                };
                format!("{what} '{}'...", exchange.repo_path)
            }
            Self::Checkout { branch, .. } => format!("Checking out '{branch}'..."),
        }
    }
}

/// Checks a request.
pub(crate) fn prepare(request: GitRequest, context: &Context) -> Result<Prepared, CommandError> {
    let GitRequest {
        id,
        action,
        mut auth,
        timeout,
        ..
    } = request;
    let work = match action {
        Action::Clone {
            url,
            target_dir,
            branch,
            depth,
        } => {
            let (address, user) = Address::read(&url, &context.protocols, context.root.path())?;
            // What was given besides the URL was given for this operation.
            auth = auth.or(user.map(UserInformation::auth));
            if depth.is_some_and(|depth| !(1..=MAX_DEPTH).contains(&depth)) {
                let sentence = "depth must be a whole number from 1 on";
                return Err(CommandError::new("BAD_MESSAGE", sentence));
            }
            Work::Clone {
                address,
                target: target_dir,
                branch,
                depth,
            }
        }
        Action::Fetch(exchange) => Work::Exchange {
            kind: Kind::Fetch,
            exchange,
        },
        Action::Pull(exchange) => Work::Exchange {
            kind: Kind::Pull,
            exchange,
        },
        Action::Push(exchange) => Work::Exchange {
            kind: Kind::Push,
            exchange,
        },
        Action::Checkout {
            repo_path,
            branch,
            create,
        } => Work::Checkout {
            repository: repo_path,
            branch,
            create,
        },
    };
    let branch = match &work {
        Work::Clone { branch, .. } => branch.as_deref(),
        Work::Exchange { exchange, .. } => exchange.branch.as_deref(),
        Work::Checkout { branch, .. } => Some(branch.as_str()),
    };
    branch.map(check_branch).transpose()?;
    Ok(Prepared {
        id,
        work,
        auth,
        timeout,
    })
}
