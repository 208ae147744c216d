//! Waits until the disk has everything.

use std::io;

use cap_std::fs::Dir;

/// Writes all that waits for the disk of this directory.
#[cfg(target_os = "linux")]
pub(super) fn sync(root: &Dir) -> io::Result<()> {
    use std::os::fd::AsFd as _;
    // An error of another program's file is not ours.
    let _ = rustix::fs::syncfs(root.as_fd());
    Ok(())
}

/// Has the drive empty its cache, to which each file and each directory was written before. Nothing waits for all files
/// of a disk here: `sync` only begins to write.
#[cfg(target_vendor = "apple")]
pub(super) fn sync(root: &Dir) -> io::Result<()> {
    crate::file::sync_all(&root.try_clone()?.into_std_file())
}

/// Each file was written before, and nothing writes directories.
#[cfg(windows)]
pub(super) fn sync(_root: &Dir) -> io::Result<()> {
    Ok(())
}

/// Writes all that waits for any disk.
#[cfg(not(any(target_os = "linux", target_vendor = "apple", windows)))]
pub(super) fn sync(_root: &Dir) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}
