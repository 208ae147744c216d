//! The end of a terminal's command, in the terminal's terms.

use rustix::process::WaitIdStatus;

use crate::process::{Reaper, signal_name};
use crate::shapes::Exit;
use crate::terminal::core::TerminalInner;

/// Reaps the command's leader, now that nothing else is left of its session.
pub(super) fn reap(reaper: &mut Reaper, inner: &TerminalInner) -> Exit {
    let status = reaper.reap();
    let mut state = inner.state.lock();
    state.session = None;
    Exit {
        code: status.as_ref().and_then(WaitIdStatus::exit_status),
        signal: status
            .as_ref()
            .and_then(WaitIdStatus::terminating_signal)
            .map(signal_name),
        duration: inner.born.elapsed(),
        reason: state.order,
    }
}

/// Kills the command, unless it was reaped before.
pub(crate) async fn kill(reaper: &mut Reaper, inner: &TerminalInner) {
    reaper.kill(inner.born).await;
    inner.state.lock().session = None;
}
