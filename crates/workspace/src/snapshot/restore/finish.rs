//! Waits until the disk has everything.

use cap_std::fs::Dir;

/// Writes all that waits for the disk of this directory.
pub(super) fn sync(root: &Dir) {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsFd as _;
        // An error of another program's file is not ours.
        let _ = rustix::fs::syncfs(root.as_fd());
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = root;
        rustix::fs::sync();
    }
}
