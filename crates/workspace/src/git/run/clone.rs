//! Clones a repository.

use std::sync::Arc;

use loopwire_channel::CommandError;

use super::super::address::Address;
use super::super::context::blocking;
use super::super::operation::GitDone;
use super::super::turns::Turn;
use super::job::Running;
use super::target::Target;
use crate::options::GitProtocol;

/// Clones into a directory that is missing or empty. If it fails, the directory is as it was.
pub(super) async fn clone(
    running: &Running<'_>,
    entered: Turn,
    address: &Address,
    target: &str,
    branch: Option<String>,
    depth: Option<u32>,
) -> Result<GitDone, CommandError> {
    let (root, path) = (running.context().root.clone(), target.to_owned());
    let target = Arc::new(blocking(move || Target::prepare(&root, &path)).await?);
    // What is asked for in the new repository meanwhile waits until it is complete.
    let place = running
        .job
        .turns
        .at(&target.directory().path().join(".git"));
    drop(entered);
    let cloned = async {
        let turn = running.unless_stopped(place.turn()).await?;
        // Of two clones into one directory the second one finds that of the first one.
        let taken = Arc::clone(&target);
        blocking(move || taken.take()).await?;
        let done = clone_into(running, address, &target, branch, depth).await?;
        drop(turn);
        Ok::<_, CommandError>(done)
    };
    match cloned.await {
        Ok(done) => {
            target.keep();
            Ok(done)
        }
        Err(why) => {
            // Somebody has put something into it before git looked.
            if why.code == "EXISTS" {
                target.give_back();
            }
            blocking(move || {
                drop(target);
                Ok(())
            })
            .await?;
            Err(why)
        }
    }
}

async fn clone_into(
    running: &Running<'_>,
    address: &Address,
    target: &Target,
    branch: Option<String>,
    depth: Option<u32>,
) -> Result<GitDone, CommandError> {
    let mut arguments = vec![
        "clone",
        "--progress",
        "--template=",
        "--no-recurse-submodules",
    ];
    let branch = branch.map(|branch| format!("--branch={branch}"));
    let depth = depth.map(|depth| format!("--depth={depth}"));
    arguments.extend(branch.as_deref());
    arguments.extend(depth.as_deref());
    if address.protocol == GitProtocol::File {
        // Links to files outside of the root would be made.
        arguments.push("--no-local");
    }
    arguments.extend(["--", address.url.as_str(), "."]);
    let at = target.directory().child_path();
    let context = running.context();
    let invocation = context.invocation(at.clone(), false, &arguments);
    running.git_with(Some(address), None, invocation).await?;
    let head = ["rev-parse", "--verify", "--quiet", "HEAD"];
    let commit = running.ask(context.invocation(at, false, &head)).await?;
    Ok(GitDone { commit })
}
