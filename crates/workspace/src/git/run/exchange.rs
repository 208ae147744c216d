//! Fetch, pull and push.

use loopwire_channel::CommandError;

use super::super::operation::GitDone;
use super::super::progress::Kind;
use super::super::repository::Config;
use super::super::request::Exchange;
use super::super::turns::Turn;
use super::job::Running;
use super::opened::open;

/// Fetches, pulls or pushes.
pub(super) async fn exchange(
    running: &Running<'_>,
    entered: Turn,
    kind: Kind,
    asked: &Exchange,
) -> Result<GitDone, CommandError> {
    // Hooks are on for pushes: Git LFS sends its files in one.
    let hooks = kind == Kind::Push;
    let opened = open(running, entered, kind, hooks, &asked.repo_path).await?;
    let current = opened.branch(running).await?;
    let remote = opened.remote(kind, asked.branch.as_deref().or(current.as_deref()))?;
    let remote = opened.reach(running, kind, remote).await?;
    let branch = match (&asked.branch, &current, kind) {
        (Some(branch), _, _) => Some(branch.clone()),
        (None, _, Kind::Fetch) => None,
        (None, Some(current), Kind::Push) => Some(current.clone()),
        (None, Some(current), _) => Some(opened.upstream(current)),
        (None, None, _) => {
            let sentence = "no branch is checked out; name one";
            return Err(CommandError::new("NOT_FOUND", sentence));
        }
    };
    let mut arguments: Vec<&str> = options(&opened.config, kind, asked.force, current.as_deref());
    arguments.extend(["--", remote.name.as_str()]);
    let refspec = branch.as_deref().map(|branch| match kind {
        Kind::Push => format!("refs/heads/{branch}:refs/heads/{branch}"),
        _ => format!("refs/heads/{branch}"),
    });
    arguments.extend(refspec.as_deref());
    let at = opened.repository.at();
    let mut invocation = running.context().invocation(at, hooks, &arguments);
    invocation.settings.extend(opened.settings.iter().cloned());
    let (address, auth) = (remote.address.as_ref(), remote.auth.clone());
    invocation.settings.extend(remote.settings.iter().cloned());
    running.git_with(address, auth, invocation).await?;
    let pushed = branch.map(|branch| format!("refs/heads/{branch}"));
    let name = match kind {
        Kind::Push => pushed.as_deref().unwrap_or("HEAD"),
        Kind::Fetch => "FETCH_HEAD",
        _ => "HEAD",
    };
    let commit = opened.commit(running, name).await?;
    Ok(GitDone { commit })
}

/// What git is told before the two hyphens.
fn options(config: &Config, kind: Kind, force: bool, current: Option<&str>) -> Vec<&'static str> {
    let mut arguments = match kind {
        Kind::Push => vec!["push"],
        Kind::Pull => vec!["pull", "--no-stat", "--no-edit"],
        _ => vec!["fetch"],
    };
    arguments.extend(["--progress", "--no-recurse-submodules"]);
    match kind {
        // What others have pushed since the last fetch is not overwritten.
        Kind::Push if force => arguments.push("--force-with-lease"),
        _ if force => arguments.push("--force"),
        _ => {}
    }
    let rebase = current.map(|current| format!("branch.{current}.rebase"));
    let decided = rebase.is_some_and(|key| config.has(&key))
        || config.has("pull.rebase")
        || config.has("pull.ff");
    if kind == Kind::Pull && !decided {
        // Git would refuse to choose. Merging is what it did before, and changes no commit.
        arguments.extend(["--no-rebase", "--ff"]);
    }
    arguments
}
