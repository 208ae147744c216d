//! Why a transfer is refused.

use loopwire_channel::Refusal;

pub(super) fn bad(message: &str) -> Refusal {
    Refusal::new("BAD_MESSAGE", message)
}

pub(super) fn too_large(max_bytes: u64) -> Refusal {
    let message =
        format!("more than the {max_bytes} bytes that the application allows (maxFileBytes)");
    Refusal::new("FILE_TOO_LARGE", message)
}

pub(super) fn closed() -> Refusal {
    Refusal::new("NO_WORKSPACE", "the application has closed the workspace")
}
