//! Peers of `emit(type, payload)`: the ways an event can come in from JavaScript.
use std::sync::Mutex;

use napi_derive::napi;

/// All that was emitted; emptied when it is large, as a journal would be.
static OUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
const LARGE: usize = 8 * 1024 * 1024;

fn escape(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

fn with_out(write: impl FnOnce(&mut Vec<u8>)) {
    let mut out = OUT.lock().expect("not poisoned");
    if out.len() > LARGE {
        out.clear();
    }
    write(&mut out);
}

/// Two napi-rs Strings in, the JSON built from them.
#[napi]
pub fn emit_strings(kind: String, payload: String) -> bool {
    with_out(|out| {
        out.extend_from_slice(b"{\"type\":");
        escape(out, &kind);
        out.extend_from_slice(b",\"payload\":");
        escape(out, &payload);
        out.push(b'}');
    });
    true
}

/// One napi-rs String in that `JSON.stringify` has made.
#[napi]
pub fn emit_json(json: String) -> bool {
    with_out(|out| out.extend_from_slice(json.as_bytes()));
    true
}
