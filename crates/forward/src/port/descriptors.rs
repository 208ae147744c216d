//! How many client connections the process's descriptors allow.

use std::sync::{Arc, LazyLock};

use crate::model::{Connections, OpenConnection};

/// The client connections of all ports of this process. Static: descriptors belong to the process.
static ALL: LazyLock<Arc<Connections>> = LazyLock::new(Arc::default);

/// So many connections are allowed without asking for the limit.
const FEW: u64 = 16;

/// A client connection takes two descriptors, its own and its upstream's. One port takes three quarters of all at
/// most, and all ports seven eighths: a loop that leads through a foreign proxy ends there, other ports go on, and the
/// rest of the process keeps some.
const PORT_SHARE: (u64, u64) = (3, 8);
const ALL_SHARE: (u64, u64) = (7, 16);

/// A client connection, counted for its port and for the process.
pub(crate) struct Admitted {
    _port: OpenConnection,
    _all: OpenConnection,
}

/// Admits one more client, unless the port has `max` or the process has too few descriptors. Then it says why not.
pub(crate) fn admit(port: &Arc<Connections>, max: usize) -> Result<Admitted, String> {
    let (own, all) = (port.open(), ALL.open());
    if own.max(all) >= FEW {
        let limit = limit();
        let share = |(part, of): (u64, u64)| (limit / of).saturating_mul(part);
        if own >= share(PORT_SHARE) || all >= share(ALL_SHARE) {
            return Err(format!(
                "{own} connections are open here and {all} in all, as many as {limit} descriptors allow"
            ));
        }
    }
    let Some(port) = port.enter(max) else {
        return Err(format!("{max} connections are open"));
    };
    Ok(Admitted {
        _port: port,
        _all: ALL.count(),
    })
}

/// How many descriptors this process may have: macOS has a second limit, which the first one does not show.
#[cfg(target_vendor = "apple")]
fn limit() -> u64 {
    #[expect(unsafe_code, reason = "returns a number")]
    let limit = unsafe { libc::getdtablesize() };
    u64::try_from(limit).unwrap_or(u64::MAX)
}

/// How many descriptors this process may have.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn limit() -> u64 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current.unwrap_or(u64::MAX)
}

/// This system has no such limit.
#[cfg(not(unix))]
const fn limit() -> u64 {
    u64::MAX
}
