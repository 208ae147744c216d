//! Names the library for the dynamic linker.

fn main() {
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if target == "linux" {
        // The number changes when a program that was linked before would break. `nodelete`: a library with threads and
        // thread-locals cannot be unloaded, so `dlclose` must not try.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libloopwire.so.0");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
