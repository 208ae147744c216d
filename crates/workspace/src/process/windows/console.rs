//! Pseudo consoles (ConPTY), in which commands with a screen run.

use std::io;
use std::mem::transmute;
use std::os::windows::io::{AsRawHandle as _, OwnedHandle};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Console::{COORD, HPCON};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::core::{HRESULT, s, w};

use super::pipe;
use super::stream::StreamEnd;

type Create = unsafe extern "system" fn(COORD, HANDLE, HANDLE, u32, *mut HPCON) -> HRESULT;
type Resize = unsafe extern "system" fn(HPCON, COORD) -> HRESULT;
type Close = unsafe extern "system" fn(HPCON);

/// The calls, which Windows has since 10 version 1809. They are looked for when they are needed, so that everything else
/// works where they are missing.
#[derive(Clone, Copy)]
struct Calls {
    create: Create,
    resize: Resize,
    close: Close,
}

impl Calls {
    fn get() -> io::Result<Self> {
        static FOUND: OnceLock<Option<Calls>> = OnceLock::new();
        let missing = "this Windows has no pseudo consoles: a PTY needs Windows 10 version 1809 or Windows Server 2019; \
                       a command without one can run";
        FOUND
            .get_or_init(Self::find)
            .ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, missing))
    }

    #[expect(
        unsafe_code,
        reason = "the system's library has these functions with these types"
    )]
    fn find() -> Option<Self> {
        // SAFETY: the library is loaded in every process for as long as it lives, and the types are those of its
        // documentation.
        unsafe {
            let library = GetModuleHandleW(w!("kernel32.dll"));
            let find = |name| GetProcAddress(library, name);
            Some(Self {
                create: transmute::<unsafe extern "system" fn() -> isize, Create>(find(s!(
                    "CreatePseudoConsole"
                ))?),
                resize: transmute::<unsafe extern "system" fn() -> isize, Resize>(find(s!(
                    "ResizePseudoConsole"
                ))?),
                close: transmute::<unsafe extern "system" fn() -> isize, Close>(find(s!(
                    "ClosePseudoConsole"
                ))?),
            })
        }
    }
}

/// The console of a command, and our ends of it.
#[derive(Debug)]
pub(crate) struct Pty {
    console: Arc<Console>,
    input: StreamEnd,
    output: StreamEnd,
}

/// A console, until it is closed.
struct Console {
    calls: Calls,
    open: Mutex<Option<HPCON>>,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

impl Pty {
    /// A new one of that size.
    pub(super) fn new((cols, rows): (u16, u16)) -> io::Result<Self> {
        let calls = Calls::get()?;
        let (input, their_input) = pipe::from_us()?;
        let (output, their_output) = pipe::to_us()?;
        let console = Console::new(calls, size(cols, rows), &their_input, &their_output)?;
        Ok(Self {
            console: Arc::new(console),
            input,
            output,
        })
    }

    /// What the command puts out.
    pub(crate) const fn output(&self) -> &StreamEnd {
        &self.output
    }

    /// What is typed.
    pub(crate) const fn input(&self) -> &StreamEnd {
        &self.input
    }

    /// The console, for the process that is to run in it. `None` if it is closed.
    pub(super) fn handle(&self) -> Option<HPCON> {
        *self.console.open.lock()
    }

    /// Sets the size.
    #[expect(
        unsafe_code,
        reason = "a call of the system with a console that is open"
    )]
    pub(crate) fn resize(&self, cols: u16, rows: u16) {
        let open = self.console.open.lock();
        if let Some(console) = *open {
            // SAFETY: it is open while the lock is held.
            unsafe { (self.console.calls.resize)(console, size(cols, rows)) };
        }
    }

    /// What ends the input: Ctrl+Z at the start of a line, and Return.
    #[expect(clippy::unused_self, reason = "on Unix it is asked for")]
    pub(crate) fn end_of_file(&self, line_began: bool) -> Vec<u8> {
        match line_began {
            true => b"\x1a\r".to_vec(),
            false => b"\r\x1a\r".to_vec(),
        }
    }

    /// No process of the command is left: the console is closed, which ends its output once all of it was read. Before
    /// Windows 11 24H2 that call waits for the reader, so a thread makes it.
    pub(crate) fn session_gone(&self) {
        self.console.close();
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.console.close();
    }
}

impl Console {
    #[expect(
        unsafe_code,
        reason = "a call of the system with handles that are open"
    )]
    fn new(
        calls: Calls,
        size: COORD,
        input: &OwnedHandle,
        output: &OwnedHandle,
    ) -> io::Result<Self> {
        let mut console = 0;
        // SAFETY: the system takes copies of the handles, and the answer goes to a variable here.
        let result = unsafe {
            (calls.create)(
                size,
                input.as_raw_handle(),
                output.as_raw_handle(),
                0,
                &raw mut console,
            )
        };
        if result < 0 {
            // The code of an error of the system, if it has the usual form.
            return Err(io::Error::from_raw_os_error(result & 0xffff));
        }
        Ok(Self {
            calls,
            open: Mutex::new(Some(console)),
        })
    }

    #[expect(unsafe_code, reason = "gives back what `new` has taken")]
    fn close(&self) {
        let Some(console) = self.open.lock().take() else {
            return;
        };
        let close = self.calls.close;
        // SAFETY: whoever has taken it from its place is the only one who has it.
        let thread = std::thread::Builder::new().spawn(move || unsafe { close(console) });
        if let Err(error) = thread {
            tracing::warn!(%error, "the console of a command that has ended stays open");
        }
    }
}

fn size(cols: u16, rows: u16) -> COORD {
    let cells = |count: u16| i16::try_from(count).unwrap_or(i16::MAX);
    COORD {
        X: cells(cols),
        Y: cells(rows),
    }
}
