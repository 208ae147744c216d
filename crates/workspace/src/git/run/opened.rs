//! A repository in which an operation has its turn.

use loopwire_channel::CommandError;

use super::super::progress::Kind;
use super::super::repository::{Config, Repository};
use super::super::tool::Setting;
use super::super::turns::{Place, Turn};
use super::job::Running;

/// A repository whose turn it is, and the settings with which git runs nothing that the repository names.
pub(super) struct Opened {
    pub(super) repository: Repository,
    pub(super) config: Config,
    pub(super) settings: Vec<Setting>,
    _turn: Turn,
}

/// Finds a repository, waits for the turn there, and checks it.
pub(super) async fn open(
    running: &Running<'_>,
    entered: Turn,
    kind: Kind,
    hooks: bool,
    path: &str,
) -> Result<Opened, CommandError> {
    let context = running.context();
    let found = running.unless_stopped(Repository::find(context, path));
    let repository = found.await??;
    let place: Place = running.job.turns.at(repository.key());
    drop(entered);
    let turn = running.unless_stopped(place.turn()).await?;
    if matches!(kind, Kind::Pull | Kind::Checkout) && !repository.has_work_tree() {
        let sentence = "the repository is bare: it has no files to update";
        return Err(CommandError::new("NOT_A_REPOSITORY", sentence));
    }
    let checked = running.unless_stopped(repository.check_inside(context));
    checked.await??;
    let config = running
        .unless_stopped(Config::read(context, &repository))
        .await??;
    let settings = match context.trusted {
        true => Vec::new(),
        false => {
            let mut settings = config.defend(kind, hooks)?;
            settings.extend(of_nested(running, &repository, kind).await?);
            settings
        }
    };
    Ok(Opened {
        repository,
        config,
        settings,
        _turn: turn,
    })
}

/// The settings for the repositories in the work tree, which git may look into.
async fn of_nested(
    running: &Running<'_>,
    repository: &Repository,
    kind: Kind,
) -> Result<Vec<Setting>, CommandError> {
    let mut settings = Vec::new();
    if !matches!(kind, Kind::Pull | Kind::Checkout) {
        return Ok(settings);
    }
    for directory in running.unless_stopped(repository.nested()).await?? {
        let read = running.unless_stopped(Config::read_nested(running.context(), &directory));
        let config = match read.await? {
            Ok(config) => config,
            Err(error) if error.code == "TIMED_OUT" || error.code == "CONFIG_REFUSED" => {
                return Err(error);
            }
            // Git cannot look into it, either.
            Err(_) => continue,
        };
        for setting in config.defend(kind, false)? {
            if !settings.contains(&setting) {
                settings.push(setting);
            }
        }
    }
    Ok(settings)
}

impl Opened {
    /// Asks git about a name.
    pub(super) async fn commit(
        &self,
        running: &Running<'_>,
        name: &str,
    ) -> Result<Option<String>, CommandError> {
        let arguments = ["rev-parse", "--verify", "--quiet", name];
        let at = self.repository.at();
        running
            .ask(running.context().invocation(at, false, &arguments))
            .await
    }

    /// The branch that is checked out.
    pub(super) async fn branch(
        &self,
        running: &Running<'_>,
    ) -> Result<Option<String>, CommandError> {
        let arguments = ["symbolic-ref", "--quiet", "HEAD"];
        let at = self.repository.at();
        let asked = running.ask(running.context().invocation(at, false, &arguments));
        let head = asked.await?;
        Ok(head.and_then(|head| head.strip_prefix("refs/heads/").map(str::to_owned)))
    }

    /// The remote for the branch, as git chooses it.
    pub(super) fn remote(&self, kind: Kind, branch: Option<&str>) -> Result<String, CommandError> {
        let of_branch = |variable: &str| {
            let key = format!("branch.{}.{variable}", branch?);
            self.config.value(&key)
        };
        let of_push = || of_branch("pushremote").or(self.config.value("remote.pushdefault"));
        let named = (kind == Kind::Push).then(of_push).flatten();
        let remotes = self.config.remotes();
        let remote = match named.or_else(|| of_branch("remote")) {
            Some(named) => named,
            None if remotes.contains(&"origin") => "origin",
            None => match remotes.as_slice() {
                [only] => only,
                _ => {
                    let sentence = "the repository has no remote, or several and none named origin";
                    return Err(CommandError::new("NOT_FOUND", sentence));
                }
            },
        };
        if remote.starts_with('-') || remote.contains(|one: char| one.is_control()) {
            let sentence =
                "the name of the remote begins with a hyphen, or has a control character";
            return Err(CommandError::new("URL_REFUSED", sentence));
        }
        Ok(remote.to_owned())
    }

    /// The branch of the remote that is merged into a branch.
    pub(super) fn upstream(&self, branch: &str) -> String {
        let merged = self.config.value(&format!("branch.{branch}.merge"));
        let merged = merged.and_then(|merged| merged.strip_prefix("refs/heads/"));
        merged.unwrap_or(branch).to_owned()
    }
}
