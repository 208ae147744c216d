//! The programs that a test needs.

use std::path::Path;

/// Whether a program is installed. The folders of services are not in the path of everybody.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin"]);
    folders.any(|folder| Path::new(folder).join(program).exists())
}

/// Whether the programs are installed. Otherwise the test is skipped, and says so as `scripts/test.cjs` understands it.
pub fn found(programs: &[&str]) -> bool {
    for program in programs {
        if !is_installed(program) {
            let test = loopwire_testing::test_name();
            println!("SKIPPED: {test}: {program} is not installed");
            return false;
        }
    }
    true
}
