//! Checks out a branch, a tag or a commit.

use loopwire_channel::CommandError;

use super::super::operation::GitDone;
use super::super::progress::Kind;
use super::super::turns::Turn;
use super::job::Running;
use super::opened::open;

/// Checks out, and creates the branch first if asked.
pub(super) async fn checkout(
    running: &Running<'_>,
    entered: Turn,
    repository: &str,
    branch: &str,
    create: bool,
) -> Result<GitDone, CommandError> {
    let opened = open(running, entered, Kind::Checkout, false, repository).await?;
    let mut arguments = vec!["checkout", "--progress", "--no-recurse-submodules"];
    if create {
        arguments.push("-b");
    }
    // What stands before the two hyphens is never taken for a file.
    arguments.extend([branch, "--"]);
    let at = opened.repository.at();
    let mut invocation = running.context().invocation(at, false, &arguments);
    invocation.settings.extend(opened.settings.iter().cloned());
    // Git LFS and partial clones get files from the remote now. Credentials that were given are for that server alone.
    let remote = match opened.remote(Kind::Checkout, Some(branch)) {
        Ok(name) => opened.reach(running, Kind::Checkout, name).await.ok(),
        Err(_) => None,
    };
    let (mut address, mut auth) = (None, None);
    if let Some(remote) = remote {
        (address, auth) = (remote.address, remote.auth);
        invocation.settings.extend(remote.settings);
    }
    running.git_with(address.as_ref(), auth, invocation).await?;
    let commit = opened.commit(running, "HEAD").await?;
    Ok(GitDone { commit })
}
