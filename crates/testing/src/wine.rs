//! Wine, in which tests of Windows run where there is no Windows.

use std::path::Path;

/// Whether the test cannot say anything here, because Wine does not do that. It says so.
#[must_use]
pub fn skipped_under_wine(what_is_missing: &str) -> bool {
    let wine = is_wine();
    if wine {
        eprintln!("skipped: {what_is_missing}");
    }
    wine
}

/// Wine brings along a program of this name, which Windows does not have.
fn is_wine() -> bool {
    cfg!(windows) && Path::new(r"C:\windows\system32\winecfg.exe").exists()
}
