//! What a file of Windows has that a new one in its place would not have.

use std::fs::File;
use std::io;
use std::os::windows::fs::MetadataExt as _;
use std::os::windows::io::AsRawHandle as _;

use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, GetKernelObjectSecurity};
use windows_sys::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_ARCHIVE, FILE_ATTRIBUTE_NORMAL};

use super::descriptor::is_inherited;

/// The longest list of rights that the system keeps, and what is around it.
const MAX_DESCRIPTOR: usize = (64 << 10) + 1_024;

/// Whether the file has nothing but what any new one in its directory has: no rights of its own, and no attribute (hidden,
/// compressed, encrypted and so on).
pub(super) fn are_usual(file: &File) -> io::Result<bool> {
    let attributes = file.metadata()?.file_attributes();
    let usual = FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NORMAL;
    Ok(attributes & !usual == 0 && is_inherited(&descriptor(file)?))
}

#[expect(unsafe_code, reason = "a call of the system with what lives here")]
fn descriptor(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; MAX_DESCRIPTOR];
    let (room, mut needed) = (u32::try_from(bytes.len()).unwrap_or_default(), 0);
    // SAFETY: the handle is open, and the system writes no more than there is room for.
    let got = unsafe {
        GetKernelObjectSecurity(
            file.as_raw_handle(),
            DACL_SECURITY_INFORMATION,
            bytes.as_mut_ptr().cast(),
            room,
            &raw mut needed,
        )
    };
    match got {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(bytes),
    }
}
