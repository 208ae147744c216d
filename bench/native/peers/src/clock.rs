//! Clocks: the one that all processes share, and CPU time of this thread and this process.
use napi_derive::napi;

fn read(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the answer.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Nanoseconds of CLOCK_MONOTONIC: the clock of `process.hrtime.bigint()`.
pub(crate) fn now() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

#[napi(object)]
pub struct Cpu {
    pub js_thread_ms: f64,
    pub process_ms: f64,
}

/// CPU time so far of the calling thread and of the process.
#[napi]
pub fn cpu() -> Cpu {
    Cpu {
        js_thread_ms: read(libc::CLOCK_THREAD_CPUTIME_ID) as f64 / 1e6,
        process_ms: read(libc::CLOCK_PROCESS_CPUTIME_ID) as f64 / 1e6,
    }
}

/// CLOCK_MONOTONIC as a decimal string, for runtimes whose `hrtime` might be another clock.
#[napi]
pub fn clock() -> String {
    now().to_string()
}
