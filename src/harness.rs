//! Native producers and fault injection, for tests and benchmarks. In the `harness` build only.
#![expect(
    unsafe_code,
    reason = "CPU time and the clock that Node's hrtime reads come from libc"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{Event, Journal, Topic, fault};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::Environment;

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

/// Makes events of one size, at little more than the cost of serialising them.
struct Maker {
    event: Event,
    payload: String,
    padding: String,
    room: usize,
}

impl Maker {
    fn new(bytes: Option<u32>) -> Self {
        let room = (bytes.unwrap_or(120) as usize).saturating_sub(FRAME_BYTES);
        Self {
            event: Event::scratch(),
            payload: String::new(),
            padding: "x".repeat(room),
            room,
        }
    }

    /// An event whose payload begins with the numbers, each with a colon behind it, and is padded.
    fn make(&mut self, numbers: &[u64]) -> &Event {
        self.payload.clear();
        let mut digits = itoa::Buffer::new();
        for number in numbers {
            self.payload.push_str(digits.format(*number));
            self.payload.push(':');
        }
        let padding = self.room.saturating_sub(self.payload.len());
        self.payload.push_str(&self.padding[..padding]);
        self.event
            .write_payload(Topic::APP, "harness", Some(&self.payload));
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
                        let event = maker.make(&[thread.into(), n.into()]);
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
        .take_while(|n| journal.publish_now(maker.make(&[0, u64::from(*n)])).is_ok())
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
        let now = u64::try_from(clock(libc::CLOCK_MONOTONIC).as_nanos()).unwrap_or(u64::MAX);
        if journal.publish_blocking(maker.make(&[now])).is_err() {
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

/// Has the next passage of a component panic: `accept`, `connection`, `port`, …. That panic is ordered.
#[napi(namespace = "harness", catch_unwind)]
pub fn arm(component: String) {
    order(format!("injected into {component}"));
    fault::injection::arm(&component);
}

/// Panics and faults whose text contains this are ordered from now on: no test fails for them.
#[napi(namespace = "harness", catch_unwind)]
pub fn order(part: String) {
    std::mem::forget(loopwire_testing::ordered(&part));
}

/// The panics and faults of this process that nothing ordered, and that were not taken before.
#[napi(namespace = "harness", catch_unwind)]
#[must_use]
pub fn not_ordered() -> Vec<String> {
    loopwire_testing::not_ordered()
}

/// Panics in a thread that nobody waits for; resolves when that has happened.
#[napi(namespace = "harness", catch_unwind)]
pub fn panic_elsewhere<'env>(env: &'env Env, text: String) -> Result<Object<'env>> {
    in_thread(env, move || {
        std::thread::spawn(move || panic!("{text}")).join().is_err()
    })
}

/// How many tasks the runtime has: back to where it was, when nothing leaks.
#[napi(namespace = "harness", catch_unwind)]
pub fn tasks(env: &Env) -> Result<u32> {
    Ok(u32::try_from(Environment::of(env)?.runtime.tasks()).unwrap_or(u32::MAX))
}
