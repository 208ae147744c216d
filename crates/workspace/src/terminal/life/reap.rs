//! The end of a terminal's command, in the terminal's terms.

use crate::process::Reaper;
use crate::shapes::Exit;
use crate::terminal::core::TerminalInner;

/// Reaps the command's leader, now that nothing else is left of its session.
pub(super) fn reap(reaper: &mut Reaper, inner: &TerminalInner) -> Exit {
    let ended = reaper.reap();
    let mut state = inner.state.lock();
    state.session = None;
    Exit {
        code: ended.code,
        signal: ended.signal,
        duration: inner.born.elapsed(),
        reason: state.order,
    }
}

/// Kills the command, unless it was reaped before.
pub(crate) async fn kill(reaper: &mut Reaper, inner: &TerminalInner) {
    reaper.kill(inner.born).await;
    inner.state.lock().session = None;
}
