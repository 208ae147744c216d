//! What the system says of a file that is open.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStringExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::PathBuf;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_OFFLINE,
    FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS, FILE_ATTRIBUTE_RECALL_ON_OPEN,
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_ATTRIBUTE_TAG_INFO, FILE_BASIC_INFO,
    FILE_INFO_BY_HANDLE_CLASS, FILE_NAME_NORMALIZED, FileAttributeTagInfo, FileBasicInfo,
    GetFileInformationByHandle, GetFileInformationByHandleEx, GetFinalPathNameByHandleW,
    SetFileInformationByHandle, VOLUME_NAME_DOS,
};

use super::kind::{FileType, OF_DIRECTORY, OF_FILE, OF_LINK, READ_ONLY};
use crate::snapshot::system::stamp::Stamp;

/// 1970 in the system's time, which counts 100 nanoseconds from 1601 on.
const EPOCH: i64 = 116_444_736_000_000_000;

/// How long most paths are at the most.
const USUAL_PATH: usize = 512;

/// What is known of a file.
pub(super) fn stamp(file: &File) -> io::Result<Stamp> {
    let found = by_handle(file)?;
    let attributes = found.dwFileAttributes;
    let tag = match attributes & FILE_ATTRIBUTE_REPARSE_POINT {
        0 => 0,
        _ => tag(file)?,
    };
    let kind = FileType::of(attributes, tag);
    let permissions = match kind {
        FileType::Directory => OF_DIRECTORY,
        FileType::RegularFile if attributes & FILE_ATTRIBUTE_READONLY != 0 => READ_ONLY,
        FileType::RegularFile => OF_FILE,
        FileType::Symlink | FileType::Unknown => OF_LINK,
    };
    let modified = written(found.ftLastWriteTime);
    // FAT does not know it.
    let changed = match changed(file)? {
        0 => modified,
        changed => changed,
    };
    Ok(Stamp {
        mode: kind.mode() | permissions,
        size: both(found.nFileSizeHigh, found.nFileSizeLow),
        inode: both(found.nFileIndexHigh, found.nFileIndexLow),
        modified: nanoseconds(modified),
        changed: nanoseconds(changed),
    })
}

fn both(high: u32, low: u32) -> u64 {
    (u64::from(high) << 32) | u64::from(low)
}

fn written(time: FILETIME) -> i64 {
    both(time.dwHighDateTime, time.dwLowDateTime).cast_signed()
}

/// Since 1970.
const fn nanoseconds(time: i64) -> i64 {
    time.saturating_sub(EPOCH).saturating_mul(100)
}

/// Whether the system, or a driver, gives it another meaning than that of its bytes.
pub(super) fn is_reparse_point(file: &File) -> io::Result<bool> {
    Ok(by_handle(file)?.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT != 0)
}

/// Whether its contents are somewhere else until somebody reads it. What keeps them in a cloud may hide that it is a reparse
/// point, but not this.
pub(super) fn is_elsewhere(file: &File) -> io::Result<bool> {
    const ELSEWHERE: u32 = FILE_ATTRIBUTE_REPARSE_POINT
        | FILE_ATTRIBUTE_OFFLINE
        | FILE_ATTRIBUTE_RECALL_ON_OPEN
        | FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS;
    Ok(by_handle(file)?.dwFileAttributes & ELSEWHERE != 0)
}

/// Makes it read-only, or writable.
pub(super) fn set_read_only(file: &File, read_only: bool) -> io::Result<()> {
    let before = by_handle(file)?.dwFileAttributes;
    let after = match read_only {
        true => before | FILE_ATTRIBUTE_READONLY,
        false => before & !FILE_ATTRIBUTE_READONLY,
    };
    match after {
        _ if after == before => Ok(()),
        // To the system 0 is what the file has.
        0 => set_attributes(file, FILE_ATTRIBUTE_NORMAL),
        after => set_attributes(file, after),
    }
}

#[expect(unsafe_code, reason = "a call of the system with what lives here")]
pub(super) fn set_attributes(file: &File, attributes: u32) -> io::Result<()> {
    let wanted = FILE_BASIC_INFO {
        FileAttributes: attributes,
        ..FILE_BASIC_INFO::default()
    };
    // SAFETY: the handle is open, and the system reads what it is given.
    checked(unsafe {
        SetFileInformationByHandle(
            file.as_raw_handle(),
            FileBasicInfo,
            (&raw const wanted).cast(),
            size_of::<FILE_BASIC_INFO>() as u32,
        )
    })
}

#[expect(unsafe_code, reason = "a call of the system with what lives here")]
fn by_handle(file: &File) -> io::Result<BY_HANDLE_FILE_INFORMATION> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the system writes what it is given room for.
    let got = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) };
    checked(got).map(|()| found)
}

/// When anything of the file was changed last, its rights and its name included.
fn changed(file: &File) -> io::Result<i64> {
    Ok(told::<FILE_BASIC_INFO>(file, FileBasicInfo)?.ChangeTime)
}

/// What a reparse point stands for.
fn tag(file: &File) -> io::Result<u32> {
    Ok(told::<FILE_ATTRIBUTE_TAG_INFO>(file, FileAttributeTagInfo)?.ReparseTag)
}

/// What the system says of a file in the structure of this class, which has numbers alone.
#[expect(unsafe_code, reason = "a call of the system with what lives here")]
fn told<T: Default>(file: &File, class: FILE_INFO_BY_HANDLE_CLASS) -> io::Result<T> {
    let mut found = T::default();
    // SAFETY: the handle is open, and the system writes no more than there is room for.
    let got = unsafe {
        GetFileInformationByHandleEx(
            file.as_raw_handle(),
            class,
            (&raw mut found).cast(),
            size_of::<T>() as u32,
        )
    };
    checked(got).map(|()| found)
}

/// The path of what is open, with the names that directories list, in the system's own form: nothing in it is read as something
/// else, however long it is.
#[expect(unsafe_code, reason = "a call of the system with what lives here")]
pub(super) fn path(file: &File) -> io::Result<PathBuf> {
    let mut text = vec![0; USUAL_PATH];
    loop {
        let room = u32::try_from(text.len()).unwrap_or(u32::MAX);
        // SAFETY: the handle is open, and the system writes no more than there is room for.
        let len = unsafe {
            GetFinalPathNameByHandleW(
                file.as_raw_handle(),
                text.as_mut_ptr(),
                room,
                FILE_NAME_NORMALIZED | VOLUME_NAME_DOS,
            )
        };
        match usize::try_from(len).unwrap_or_default() {
            0 => return Err(io::Error::last_os_error()),
            len if len < text.len() => return Ok(OsString::from_wide(&text[..len]).into()),
            len => text.resize(len + 1, 0),
        }
    }
}

pub(super) fn checked(succeeded: i32) -> io::Result<()> {
    match succeeded {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
