//! Makes one percentage of an operation's progress. It never falls.

use super::super::operation::{Phase, Progress};
use super::line;
use super::weights::{self, Kind};

/// Follows one operation.
#[derive(Debug)]
pub(crate) struct Meter {
    kind: Kind,
    latest: Progress,
}

impl Meter {
    /// Nothing is done yet. `status` says what is about to be done.
    pub(crate) fn new(kind: Kind, status: String) -> Self {
        let latest = Progress {
            percent: 0,
            status,
            phase: Phase::Starting,
            received: None,
            total: None,
            bytes: None,
            bytes_per_second: None,
        };
        Self { kind, latest }
    }

    /// The latest progress.
    pub(crate) fn latest(&self) -> Progress {
        self.latest.clone()
    }

    /// Reads a line that git has put out. False if it is no progress.
    pub(crate) fn read(&mut self, line: &[u8]) -> bool {
        let Some(line) = line::read(line) else {
            return false;
        };
        let Some(phase) = weights::phase(self.kind, &line, self.latest.phase) else {
            // Of something that git does besides, as its own maintenance.
            return true;
        };
        let latest = &mut self.latest;
        if let (Some((done, all)), Some((from, to))) = (line.count, weights::span(self.kind, phase))
        {
            let share = done.min(all).checked_mul(u64::from(to - from));
            let share = share.and_then(|share| share.checked_div(all)).unwrap_or(0);
            let percent = from + u8::try_from(share).unwrap_or(0);
            latest.percent = latest.percent.max(percent);
        }
        latest.phase = phase;
        latest.status = line.text;
        latest.received = line.count.map(|(done, _)| done);
        latest.total = line.count.map(|(_, all)| all);
        latest.bytes = line.bytes;
        latest.bytes_per_second = line.bytes_per_second;
        true
    }

    /// All is done.
    pub(crate) fn done(&mut self, status: String) {
        self.latest.percent = 100;
        self.latest.phase = Phase::Done;
        self.latest.status = status;
        self.latest.bytes_per_second = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentage_of_a_clone_only_rises_and_each_phase_has_its_share() {
        let mut meter = Meter::new(Kind::Clone, "Cloning".to_owned());
        let (mut last, mut phases) = (0, Vec::new());
        for (line, expected) in [
            ("Cloning into '.'...", 0),
            ("remote: Enumerating objects: 10, done.", 0),
            ("remote: Counting objects: 100% (10/10), done.", 2),
            ("remote: Compressing objects:  50% (3/6)", 3),
            ("Receiving objects:   0% (0/10)", 5),
            ("Receiving objects:  50% (5/10), 1.00 KiB | 1.00 KiB/s", 40),
            // The server speaks in between.
            ("remote: Total 10 (delta 2), reused 0 (delta 0)", 40),
            ("Receiving objects: 100% (10/10), done.", 75),
            ("Resolving deltas:   0% (0/0)", 75),
            ("Resolving deltas: 100% (2/2), done.", 90),
            ("Updating files: 100% (5/5), done.", 99),
            // A second round, as of a tag that was missing.
            ("Receiving objects:  10% (1/10)", 99),
            ("Expanding reachable commits in commit graph: 5, done.", 99),
        ] {
            meter.read(line.as_bytes());
            let latest = meter.latest();
            assert_eq!(latest.percent, expected, "{line}");
            assert!(latest.percent >= last, "{line}");
            last = latest.percent;
            phases.push(latest.phase);
        }
        phases.dedup();
        let expected = [
            Phase::Starting,
            Phase::Counting,
            Phase::Compressing,
            Phase::Receiving,
            Phase::Resolving,
            Phase::Updating,
            Phase::Receiving,
        ];
        assert_eq!(phases, expected);
        meter.done("Cloned".to_owned());
        assert_eq!(meter.latest().percent, 100);
    }

    #[test]
    fn a_server_that_speaks_another_language_or_lies_does_no_harm() {
        let mut meter = Meter::new(Kind::Fetch, String::new());
        for line in [
            "remote: Zähle Objekte: 100% (4/4)",
            "remote: Komprimiere Objekte: 100% (4/4)",
            "remote: x: 100% (18446744073709551615/1)",
            "remote: x: 100% (18446744073709551615/18446744073709551615)",
            "remote: x: 100% (1/0)",
        ] {
            assert!(meter.read(line.as_bytes()), "{line}");
            assert!(meter.latest().percent <= 10, "{line}");
        }
    }
}
