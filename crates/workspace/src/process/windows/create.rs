//! Creates a process: suspended, in its jobs, with no handles but those that it is given.

use std::ffi::c_void;
use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Console::HPCON;
use windows_sys::Win32::System::Threading::{
    CREATE_NO_WINDOW, CREATE_SUSPENDED, CREATE_UNICODE_ENVIRONMENT, CreateProcessW,
    DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT, InitializeProcThreadAttributeList,
    LPPROC_THREAD_ATTRIBUTE_LIST, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
    PROC_THREAD_ATTRIBUTE_JOB_LIST, PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, PROCESS_INFORMATION,
    ResumeThread, STARTF_USESTDHANDLES, STARTUPINFOEXW, TerminateProcess,
    UpdateProcThreadAttribute,
};

use super::guardian::StartPermit;
use super::job::{Job, checked};

/// What the standard handles of a process are.
pub(super) enum Streams<'a> {
    /// Its console.
    Console(HPCON),
    /// These. They can be inherited.
    Pipes([&'a OwnedHandle; 3]),
}

/// What is created. All texts end with NUL.
pub(super) struct Creation<'a> {
    pub(super) program: Vec<u16>,
    pub(super) line: Vec<u16>,
    pub(super) environment: Vec<u16>,
    pub(super) directory: Vec<u16>,
    pub(super) streams: Streams<'a>,
}

impl Creation<'_> {
    /// Creates the process. It runs once it is in both jobs, and not before: nothing of it is ever outside of them.
    pub(super) fn create(
        mut self,
        permit: &StartPermit<'_>,
        job: &Job,
    ) -> io::Result<(OwnedHandle, u32)> {
        let jobs = [permit.job()?.as_handle(), job.as_handle()].map(|job| job.as_raw_handle());
        let handles;
        let mut attributes = Attributes::new(2)?;
        // A system that has this puts the process into the jobs while it is created: then not even the death of this process
        // in the next moment leaves it behind. Others do not mind being asked.
        let _ = attributes.set(PROC_THREAD_ATTRIBUTE_JOB_LIST, &jobs);
        let mut startup = STARTUPINFOEXW::default();
        startup.StartupInfo.cb = u32::try_from(size_of::<STARTUPINFOEXW>()).unwrap_or_default();
        startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
        let mut flags =
            EXTENDED_STARTUPINFO_PRESENT | CREATE_UNICODE_ENVIRONMENT | CREATE_SUSPENDED;
        let inherits = match self.streams {
            Streams::Console(console) => {
                attributes.set_value(PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, console)?;
                // It is given none, and takes those of its console. Without the flag above it would get the standard handles
                // of this process if they lead to a file or a pipe.
                0
            }
            Streams::Pipes(streams) => {
                handles = streams.map(|one| one.as_raw_handle());
                attributes.set(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &handles)?;
                startup.StartupInfo.hStdInput = handles[0];
                startup.StartupInfo.hStdOutput = handles[1];
                startup.StartupInfo.hStdError = handles[2];
                // It has a console of its own, and not that of this process.
                flags |= CREATE_NO_WINDOW;
                1
            }
        };
        startup.lpAttributeList = attributes.list();
        let mut created = PROCESS_INFORMATION::default();
        #[expect(unsafe_code, reason = "a call of the system with what lives here")]
        // SAFETY: the texts end with NUL, the line may be written to, and what the attributes name lives until the return.
        let succeeded = unsafe {
            CreateProcessW(
                self.program.as_ptr(),
                self.line.as_mut_ptr(),
                ptr::null(),
                ptr::null(),
                inherits,
                flags,
                self.environment.as_ptr().cast::<c_void>(),
                self.directory.as_ptr(),
                (&raw const startup.StartupInfo).cast(),
                &raw mut created,
            )
        };
        checked(succeeded)?;
        drop(attributes);
        #[expect(unsafe_code, reason = "both handles were just made for us")]
        // SAFETY: nobody else has them.
        let (process, thread) = unsafe {
            (
                OwnedHandle::from_raw_handle(created.hProcess),
                OwnedHandle::from_raw_handle(created.hThread),
            )
        };
        let in_jobs = permit
            .assign(process.as_handle())
            .and_then(|()| job.assign(process.as_handle()));
        if let Err(error) = in_jobs.and_then(|()| resume(&thread)) {
            #[expect(
                unsafe_code,
                reason = "a call of the system with a handle that is open"
            )]
            // SAFETY: it is the process that was just created, and it has not run.
            unsafe {
                TerminateProcess(process.as_raw_handle(), 1);
            }
            return Err(error);
        }
        Ok((process, created.dwProcessId))
    }
}

#[expect(
    unsafe_code,
    reason = "a call of the system with a handle that is open"
)]
fn resume(thread: &OwnedHandle) -> io::Result<()> {
    // SAFETY: it is open.
    match unsafe { ResumeThread(thread.as_raw_handle()) } {
        u32::MAX => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// A list of attributes of a process that is to be created.
struct Attributes(Vec<usize>);

impl Attributes {
    #[expect(
        unsafe_code,
        reason = "the system says how much memory it needs, and gets that"
    )]
    fn new(count: u32) -> io::Result<Self> {
        let mut bytes = 0;
        // SAFETY: it only tells the size.
        unsafe { InitializeProcThreadAttributeList(ptr::null_mut(), count, 0, &raw mut bytes) };
        let mut memory = vec![0_usize; bytes.div_ceil(size_of::<usize>()).max(1)];
        let list = memory.as_mut_ptr().cast();
        // SAFETY: the memory has that size, and the alignment of a pointer.
        checked(unsafe { InitializeProcThreadAttributeList(list, count, 0, &raw mut bytes) })?;
        Ok(Self(memory))
    }

    fn list(&mut self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.0.as_mut_ptr().cast()
    }

    /// Sets an attribute to handles, which have to live as long as the list.
    fn set<const N: usize>(&mut self, attribute: u32, handles: &[HANDLE; N]) -> io::Result<()> {
        self.update(attribute, handles.as_ptr().cast(), size_of::<[HANDLE; N]>())
    }

    /// Sets an attribute that is a value itself.
    fn set_value(&mut self, attribute: u32, value: HPCON) -> io::Result<()> {
        self.update(
            attribute,
            ptr::without_provenance(value.cast_unsigned()),
            size_of::<HPCON>(),
        )
    }

    #[expect(
        unsafe_code,
        reason = "a call of the system with a list that is initialised"
    )]
    fn update(&mut self, attribute: u32, value: *const c_void, size: usize) -> io::Result<()> {
        let attribute = usize::try_from(attribute).unwrap_or_default();
        // SAFETY: the callers give values that outlive the creation of the process.
        checked(unsafe {
            UpdateProcThreadAttribute(
                self.list(),
                0,
                attribute,
                value,
                size,
                ptr::null_mut(),
                ptr::null(),
            )
        })
    }
}

impl Drop for Attributes {
    #[expect(unsafe_code, reason = "gives back what `new` has made")]
    fn drop(&mut self) {
        // SAFETY: it is initialised, and not used again.
        unsafe { DeleteProcThreadAttributeList(self.list()) };
    }
}
