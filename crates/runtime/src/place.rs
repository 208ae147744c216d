//! The workspace's place: listeners may be older than the workspace, and outlive it.

use loopwire_channel::{Command, Engine, Input, Peer};
use loopwire_workspace::Workspace;
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;

/// Where the one workspace of a runtime is, if one is open.
#[derive(Debug, Default)]
pub(crate) struct Place(Mutex<Option<Workspace>>);

impl Place {
    pub(crate) fn workspace(&self) -> Option<Workspace> {
        self.0.lock().clone()
    }

    /// Puts a workspace there; gives it back if there is one already.
    pub(crate) fn occupy(&self, workspace: Workspace) -> Result<(), Workspace> {
        let mut place = self.0.lock();
        if place.is_some() {
            return Err(workspace);
        }
        *place = Some(workspace);
        Ok(())
    }

    pub(crate) fn take(&self) -> Option<Workspace> {
        self.0.lock().take()
    }

    /// Takes out this one; another one that has come meanwhile stays.
    pub(crate) fn vacate(&self, workspace: &Workspace) {
        let gone = self.0.lock().take_if(|there| there.is(workspace));
        drop(gone);
    }
}

impl Engine for Place {
    fn prefixes(&self) -> &'static [&'static str] {
        // Without a workspace its commands are nobody's: the channel answers NO_WORKSPACE.
        self.workspace()
            .map_or(&[], |workspace| workspace.prefixes())
    }

    fn brings_id(&self, name: &str) -> bool {
        self.workspace()
            .is_none_or(|workspace| workspace.brings_id(name))
    }

    fn command(&self, command: Command) {
        match self.workspace() {
            Some(workspace) => workspace.command(command),
            None => command.refuse("NO_WORKSPACE", "the workspace has just been closed"),
        }
    }

    fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        match self.workspace() {
            Some(workspace) => workspace.input(peer, input),
            None => Some(input),
        }
    }

    fn left(&self, peer: &Peer) {
        if let Some(workspace) = self.workspace() {
            workspace.left(peer);
        }
    }

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        match self.workspace() {
            Some(workspace) => workspace.metrics(encoder),
            None => Ok(()),
        }
    }
}
