//! macOS: how a name is spelled on the disk. Its file systems usually find `new` under `NEW`, too.

use std::ffi::{CString, OsStr, OsString};
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// What the system writes: the length of all, then where the name is and how long, then the name. That has at most 255
/// characters of up to three bytes.
const ANSWER_BYTES: usize = 1024;

/// Where the place of the name is, which counts from there.
const PLACE: usize = size_of::<u32>();

/// How a name is spelled in a directory, if it is there and differs from the one that was asked for in case alone. Any other
/// name that the system tells may be that of a second link to the same file.
pub(super) fn spelled_otherwise(directory: impl AsFd, name: &OsStr) -> Option<OsString> {
    let found = spelled(directory, name)?;
    let same_but_for_case =
        found != name && found.to_str()?.to_lowercase() == name.to_str()?.to_lowercase();
    same_but_for_case.then_some(found)
}

fn spelled(directory: impl AsFd, name: &OsStr) -> Option<OsString> {
    let name = CString::new(name.as_bytes()).ok()?;
    let mut wanted = libc::attrlist {
        bitmapcount: libc::ATTR_BIT_MAP_COUNT,
        reserved: 0,
        commonattr: libc::ATTR_CMN_NAME,
        volattr: 0,
        dirattr: 0,
        fileattr: 0,
        forkattr: 0,
    };
    let mut answer = [0_u8; ANSWER_BYTES];
    #[expect(
        unsafe_code,
        reason = "the name ends with NUL, and the kernel writes no more than the array holds"
    )]
    let failed = unsafe {
        libc::getattrlistat(
            directory.as_fd().as_raw_fd(),
            name.as_ptr(),
            (&raw mut wanted).cast(),
            answer.as_mut_ptr().cast(),
            answer.len(),
            libc::FSOPT_NOFOLLOW.into(),
        )
    };
    (failed == 0).then(|| parse(&answer)).flatten()
}

/// The name in what the system has written.
fn parse(answer: &[u8]) -> Option<OsString> {
    let number = |at: usize| {
        let bytes = answer.get(at..at + size_of::<u32>())?;
        let number = u32::from_ne_bytes(bytes.try_into().ok()?);
        usize::try_from(number).ok()
    };
    let (offset, length) = (number(PLACE)?, number(PLACE + size_of::<i32>())?);
    let begin = PLACE.checked_add(offset)?;
    let name = answer.get(begin..begin.checked_add(length)?)?;
    // With the NUL at its end.
    let name = name.split(|byte| *byte == 0).next()?;
    (!name.is_empty()).then(|| OsString::from_vec(name.to_vec()))
}
