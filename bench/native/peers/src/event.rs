//! The event that every peer sends, byte for byte what Loopwire's harness publishes.
use std::fmt::Write;

const HEAD: &str = "{\"type\":\"harness\",\"payload\":\"";

fn finish(out: &mut String, bytes: usize) {
    while out.len() + 2 < bytes {
        out.push('x');
    }
    out.push_str("\"}");
}

/// `{"type":"harness","payload":"<thread>:<n>:<padding>"}`, `bytes` long.
pub(crate) fn numbered(thread: usize, n: usize, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes);
    out.push_str(HEAD);
    write!(out, "{thread}:{n}:").expect("a String takes it");
    finish(&mut out, bytes);
    out
}

/// The same with the time of its birth: `<ns>:<padding>`.
pub(crate) fn stamped(now: u64, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes);
    out.push_str(HEAD);
    write!(out, "{now}:").expect("a String takes it");
    finish(&mut out, bytes);
    out
}

/// An unmasked text frame, appended.
pub(crate) fn frame(out: &mut Vec<u8>, payload: &[u8]) {
    match payload.len() {
        length @ 0..126 => out.extend_from_slice(&[0x81, length as u8]),
        length @ 126..65536 => {
            out.extend_from_slice(&[0x81, 126]);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.extend_from_slice(&[0x81, 127]);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}
