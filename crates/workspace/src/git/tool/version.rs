//! The version of git.

use std::fmt;

/// Major and minor number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32);

/// The oldest git whose options and messages are known here. Debian 11, which is older than any system that is still
/// maintained, has it.
pub(super) const OLDEST: Version = Version(2, 30);

impl Version {
    /// Reads `git version 2.39.5 (Apple Git-154)`.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut numbers = line.strip_prefix("git version ")?.split(['.', ' ']);
        let mut next = || numbers.next()?.parse().ok();
        Some(Self(next()?, next()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_makers_are_read() {
        for (line, old) in [
            ("git version 2.47.3", false),
            ("git version 2.30.0", false),
            ("git version 2.39.5 (Apple Git-154)", false),
            ("git version 2.45.1.windows.1", false),
            ("git version 3.0.rc0", false),
            ("git version 2.29.2", true),
            ("git version 1.8.3.1", true),
        ] {
            assert_eq!(
                Version::read(line).map(|found| found < OLDEST),
                Some(old),
                "{line}"
            );
        }
        for line in ["", "git version", "git version x", "hub 2.14"] {
            assert_eq!(Version::read(line), None, "{line}");
        }
    }
}
