//! Scopes come and go.

use loopwire_channel::CommandError;

use crate::watcher::scope::Scope;

use super::core::Core;
use super::reading::Reading;
use super::wanted::CoreScope;

/// What covering a scope came to.
#[derive(Debug)]
pub(crate) struct CoverReport {
    pub(crate) directories: usize,
    pub(crate) polling: Option<String>,
}

impl Core {
    /// Whether nobody wants anything.
    pub(crate) fn is_idle(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Watches what a scope covers.
    pub(crate) fn cover(&mut self, number: u64, scope: Scope) -> Result<CoverReport, CommandError> {
        self.scopes.insert(number, CoreScope::new(scope));
        let covered = self.cover_now();
        if let Err(error) = covered {
            self.release(number);
            return Err(error);
        }
        Ok(self.report(number))
    }

    fn cover_now(&mut self) -> Result<(), CommandError> {
        if let Some((_, id)) = self.root {
            self.read_exclude();
            return self.reconcile(id, Reading::Cover);
        }
        match self.open_root(Reading::Cover) {
            Some(id) => self.read(id, Reading::Cover),
            None => Ok(()),
        }
    }

    fn report(&self, number: u64) -> CoverReport {
        let mut report = CoverReport {
            directories: 0,
            polling: None,
        };
        let Some(scope) = self.scopes.get(&number) else {
            return report;
        };
        let ids = self
            .root
            .as_ref()
            .map_or(Vec::new(), |root| self.tree.subtree(root.1));
        for id in ids {
            let Some(node) = self.tree.get(id) else {
                continue;
            };
            if scope.wants(&self.tree.path(id), node.hidden) {
                report.directories += 1;
                if let (None, Some(reason)) = (&report.polling, node.polled) {
                    report.polling = Some(self.sentence(reason));
                }
            }
        }
        report
    }

    /// Nobody needs a scope any more.
    pub(crate) fn release(&mut self, number: u64) {
        if self.scopes.remove(&number).is_none() {
            return;
        }
        let Some((_, id)) = self.root else {
            return;
        };
        match self.scopes.is_empty() {
            true => self.forget_root(),
            // Nothing new is wanted.
            false => drop(self.reconcile(id, Reading::Silent)),
        }
    }
}
