//! Native producers and fault injection, for tests and benchmarks. In the `harness` build only.
#![expect(
    unsafe_code,
    reason = "CPU time and the clock that Node's hrtime reads come from libc"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{Event, Journal, Topic, fault};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::environment::Environment;

/// What `publish` and `fill` take.
#[napi(object)]
pub struct Load {
    /// Native threads, 1 by default.
    pub threads: Option<u32>,
    /// Events of each thread.
    pub count: u32,
    /// How long the JSON of each event is, 120 by default.
    pub bytes: Option<u32>,
}

/// What `lone` takes.
#[napi(object)]
pub struct Lone {
    /// Events.
    pub count: u32,
    /// Microseconds between two of them.
    pub interval_us: u32,
    /// How long the JSON of each event is, 120 by default.
    pub bytes: Option<u32>,
}

/// What `publish` took.
#[napi(object)]
pub struct Taken {
    /// From the first event to the last.
    pub seconds: f64,
    /// What one publish took its thread, waiting for room included.
    pub ns_per_publish: f64,
}

/// CPU time so far.
#[napi(object)]
pub struct Cpu {
    /// Of the calling thread.
    pub js_thread_ms: f64,
    /// Of the process.
    pub process_ms: f64,
}

/// `{"type":"harness","payload":""}`
const FRAME_BYTES: usize = 31;

/// Makes events of one size without allocating for each.
struct Maker {
    event: Event,
    payload: String,
    bytes: usize,
}

impl Maker {
    fn new(bytes: Option<u32>) -> Self {
        let bytes = bytes.unwrap_or(120) as usize;
        Self {
            event: Event::scratch(),
            payload: String::new(),
            bytes,
        }
    }

    /// An event whose payload begins with `head` and is padded to the size.
    fn make(&mut self, head: std::fmt::Arguments<'_>) -> &Event {
        self.payload.clear();
        let _ = self.payload.write_fmt(head);
        let padding = self.bytes.saturating_sub(FRAME_BYTES + self.payload.len());
        self.payload.extend(std::iter::repeat_n('x', padding));
        self.event
            .write_payload(Topic::App, "harness", Some(&self.payload));
        &self.event
    }
}

fn in_thread<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Object<'env>> {
    let (deferred, promise) = env.create_deferred()?;
    std::thread::spawn(move || {
        let result = work();
        deferred.resolve(move |_| Ok(result));
    });
    Ok(promise)
}

/// Publishes from native threads, waiting for room; payloads are `<thread>:<n>:<padding>`.
#[napi(namespace = "harness", catch_unwind)]
pub fn publish<'env>(env: &'env Env, load: Load) -> Result<Object<'env>> {
    let journal = Environment::of(env)?.runtime.journal();
    in_thread(env, move || {
        let (threads, count) = (load.threads.unwrap_or(1), load.count);
        let start = Instant::now();
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let (journal, mut maker) = (Arc::clone(&journal), Maker::new(load.bytes));
                std::thread::spawn(move || {
                    let start = Instant::now();
                    for n in 0..count {
                        let event = maker.make(format_args!("{thread}:{n}:"));
                        if journal.publish_blocking(event).is_err() {
                            break;
                        }
                    }
                    start.elapsed()
                })
            })
            .collect();
        let spent: Duration = workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .sum();
        Taken {
            seconds: start.elapsed().as_secs_f64(),
            ns_per_publish: spent.as_secs_f64() * 1e9 / f64::from(threads) / f64::from(count),
        }
    })
}

/// Publishes from this thread into the reserve. Returns how many events were taken.
#[napi(namespace = "harness", catch_unwind)]
pub fn fill(env: &Env, load: Load) -> Result<u32> {
    let journal = Environment::of(env)?.runtime.journal();
    let mut maker = Maker::new(load.bytes);
    let taken = (0..load.count)
        .take_while(|n| {
            journal
                .publish_now(maker.make(format_args!("0:{n}:")))
                .is_ok()
        })
        .count();
    Ok(u32::try_from(taken).unwrap_or(u32::MAX))
}

/// Publishes events one by one from a native thread, each with the time of its publishing.
#[napi(namespace = "harness", catch_unwind)]
pub fn lone<'env>(env: &'env Env, lone: Lone) -> Result<Object<'env>> {
    let journal = Environment::of(env)?.runtime.journal();
    in_thread(env, move || publish_lone(&journal, &lone))
}

fn publish_lone(journal: &Journal, lone: &Lone) {
    let mut maker = Maker::new(lone.bytes);
    for _ in 0..lone.count {
        std::thread::sleep(Duration::from_micros(lone.interval_us.into()));
        let now = clock(libc::CLOCK_MONOTONIC).as_nanos();
        if journal
            .publish_blocking(maker.make(format_args!("{now}:")))
            .is_err()
        {
            break;
        }
    }
}

/// CPU time of the calling thread and of the process.
#[napi(namespace = "harness", catch_unwind)]
pub fn cpu() -> Cpu {
    let millis = |id| clock(id).as_secs_f64() * 1e3;
    Cpu {
        js_thread_ms: millis(libc::CLOCK_THREAD_CPUTIME_ID),
        process_ms: millis(libc::CLOCK_PROCESS_CPUTIME_ID),
    }
}

fn clock(id: libc::clockid_t) -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes a timespec and keeps nothing.
    unsafe { libc::clock_gettime(id, &raw mut time) };
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Has the next passage of a component panic: `accept`, `connection`, `port`, ….
#[napi(namespace = "harness", catch_unwind)]
pub fn arm(component: String) {
    fault::injection::arm(&component);
}

/// How many tasks the runtime has: back to where it was, when nothing leaks.
#[napi(namespace = "harness", catch_unwind)]
pub fn tasks(env: &Env) -> Result<u32> {
    Ok(u32::try_from(Environment::of(env)?.runtime.tasks()).unwrap_or(u32::MAX))
}
