//! What a git operation is started with.

use loopwire_workspace::{
    Action as GitAction, Answer as GitAnswer, Asker as GitAsker, Auth as GitAuth,
    Exchange as GitExchange, GitRequest, Secret,
};
use serde_json::{Map, Value, json};

use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

/// The options that all operations have.
const COMMON: [&str; 2] = ["id", "timeoutMs"];

/// The kinds of operations.
const KINDS: [&str; 5] = ["clone", "fetch", "pull", "push", "checkout"];

/// The longest depth, which git has, too.
const MAX_DEPTH: u64 = i32::MAX as u64;

/// The path of the repository that it is about.
pub fn git_repository(action: &GitAction) -> &str {
    match action {
        GitAction::Clone { target_dir, .. } => target_dir,
        GitAction::Checkout { repo_path, .. } => repo_path,
        GitAction::Fetch(exchange) | GitAction::Pull(exchange) | GitAction::Push(exchange) => {
            &exchange.repo_path
        }
    }
}

/// The name of a kind of operation.
///
/// # Errors
/// Another type, another name.
pub fn git_kind<A: Argument>(value: A, name: &str) -> Outcome<&'static str> {
    let given = args::string(value, name)?;
    let known = KINDS.into_iter().find(|known| *known == given);
    known.ok_or_else(|| Failure::invalid(format!("{name} must be '{}'", KINDS.join("', '"))))
}

/// Reads what an operation is started with. `kind` is one of [`git_kind`].
///
/// # Errors
/// Another type, an unknown option, one that is needed and missing.
pub fn git<A: Argument>(kind: &str, options: A, asker: Option<GitAsker>) -> Outcome<GitRequest> {
    let own: &[&str] = match kind {
        "clone" => &["url", "targetDir", "branch", "depth", "auth"],
        "checkout" => &["repoPath", "branch", "create", "auth"],
        _ => &["repoPath", "branch", "force", "auth"],
    };
    let known = [own, &COMMON, A::TERMS.git_options].concat();
    if options.is_missing() {
        return Err(Failure::wrong_type(
            "options",
            "an object",
            A::TERMS.missing,
        ));
    }
    let (mut id, mut timeout, mut auth) = (None, None, None);
    let (mut place, mut target, mut branch) = (None, None, None);
    let (mut depth, mut flag) = (None, false);
    for (key, value) in args::options(options, "options", &known)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "id" => id = Some(Value::from(args::string(value, name)?)),
            "timeoutMs" => timeout = Some(args::millis(value, name, 1..=args::DAY)?),
            "auth" => auth = read_auth(value, name)?,
            "url" | "repoPath" => place = Some(args::text(value, name)?),
            "targetDir" => target = Some(args::text(value, name)?),
            "branch" => branch = Some(args::text(value, name)?),
            "depth" => depth = u32::try_from(args::integer(value, name, 1..=MAX_DEPTH)?).ok(),
            "force" | "create" => flag = args::boolean(value, name)?,
            // What the language itself has read.
            _ => {}
        }
    }
    let needed = |value: Option<String>, name: &str| {
        let name = format!("options.{name}");
        value.ok_or_else(|| Failure::wrong_type(&name, "a string", A::TERMS.missing))
    };
    let exchange = |place: Option<String>, branch| {
        Ok::<_, Failure>(GitExchange {
            repo_path: needed(place, "repoPath")?,
            branch,
            force: flag,
        })
    };
    let action = match kind {
        "clone" => GitAction::Clone {
            url: needed(place, "url")?,
            target_dir: needed(target, "targetDir")?,
            branch,
            depth,
        },
        "checkout" => GitAction::Checkout {
            repo_path: needed(place, "repoPath")?,
            branch: needed(branch, "branch")?,
            create: flag,
        },
        "fetch" => GitAction::Fetch(exchange(place, branch)?),
        "pull" => GitAction::Pull(exchange(place, branch)?),
        _ => GitAction::Push(exchange(place, branch)?),
    };
    Ok(GitRequest {
        id,
        action,
        auth,
        asker,
        timeout,
    })
}

fn read_auth<A: Argument>(value: A, name: &str) -> Outcome<Option<GitAuth>> {
    if value.is_null() {
        return Ok(None);
    }
    let known = ["username", "password", "token", "privateKey", "passphrase"];
    let (mut username, mut password, mut token) = (None, None, None);
    let (mut private_key, mut passphrase) = (None, None);
    for (key, value) in args::options(value, name, &known)? {
        let text = args::text(value, &format!("{name}.{key}"))?;
        match key.as_str() {
            "username" => username = Some(text),
            "password" => password = Some(Secret::from(text)),
            "token" => token = Some(Secret::from(text)),
            "privateKey" => private_key = Some(Secret::from(text)),
            _ => passphrase = Some(Secret::from(text)),
        }
    }
    match (username, password, token, private_key, passphrase) {
        (Some(username), password, None, None, None) => {
            Ok(Some(GitAuth::Password { username, password }))
        }
        (username, None, Some(token), None, None) => Ok(Some(GitAuth::Token { token, username })),
        (None, None, None, Some(private_key), passphrase) => Ok(Some(GitAuth::SshKey {
            private_key,
            passphrase,
        })),
        _ => Err(Failure::invalid(format!(
            "{name} must be {{username, password?}}, {{token, username?}} or {{privateKey, passphrase?}}"
        ))),
    }
}

/// Reads the answer to a question. Nothing, or null, cancels.
///
/// # Errors
/// Another type, an unknown key.
pub fn git_answer<A: Argument>(value: A) -> Outcome<GitAnswer> {
    let name = A::TERMS.git_answer;
    if value.is_missing() || value.is_null() {
        return Ok(GitAnswer::cancelled());
    }
    let mut answer = Map::new();
    let known = ["username", "password", "passphrase", "accept", "cancel"];
    for (key, value) in args::options(value, name, &known)? {
        let of = format!("{key} in {name}");
        let value = match key.as_str() {
            "accept" | "cancel" => json!(args::boolean(value, &of)?),
            _ => json!(args::string(value, &of)?),
        };
        answer.insert(key, value);
    }
    serde_json::from_value(Value::Object(answer))
        .map_err(|_| Failure::invalid(format!("{name} cannot be read")))
}
