//! Panics of a server's threads. Unnoticed, they would end a thread and no test.

use std::sync::{Mutex, Once, PoisonError};
use std::thread;

/// How the names of all threads of test servers begin.
pub(crate) const PREFIX: &str = "test server ";

/// The threads that have panicked, and what they said. Threads without a name belong to a server as well: tests
/// start none that outlive them.
static PANICS: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Records panics from now on.
pub(crate) fn watch() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let name = thread::current().name().unwrap_or_default().to_owned();
            if name.is_empty() || name.starts_with(PREFIX) {
                let mut panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
                panics.push((name, panic.to_string()));
            }
            hook(panic);
        }));
    });
}

/// The panics of the threads of that name, and of threads without a name.
pub(crate) fn of(name: &str) -> Vec<String> {
    let panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
    let of_server = |(thread, _): &&(String, String)| thread.is_empty() || thread == name;
    let found = panics.iter().filter(of_server);
    found.map(|(_, text)| text.clone()).collect()
}
