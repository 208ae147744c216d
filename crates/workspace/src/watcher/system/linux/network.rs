//! Which file systems change without this machine.

use std::os::fd::OwnedFd;

use rustix::fs::fstatfs;

/// The file systems whose files other machines change (or, for FUSE, may change): inotify tells only of what this
/// machine does. From `linux/magic.h` and the file systems' sources. Overlays are not among them: the kernel forbids to
/// change a layer that is in use.
const NETWORK: &[(u32, &str)] = &[
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFE53_4D42, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x00C3_6400, "Ceph"),
    (0x5346_414F, "AFS"),
    (0x6B41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0BD0_0BD0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x7461_636F, "OCFS2"),
    (0x786F_4256, "VirtualBox's shared folders"),
];

/// The kind of network file system that the directory is on, if it is on one.
pub(super) fn kind(directory: &OwnedFd) -> Option<&'static str> {
    let found = fstatfs(directory).ok()?;
    // The type differs between architectures; the magic has 32 bits everywhere.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "as above"
    )]
    let magic = found.f_type as u32;
    NETWORK.iter().find(|one| one.0 == magic).map(|one| one.1)
}
