//! The types of the SDK's page.

use std::ffi::{c_char, c_longlong, c_uchar, c_uint};

/// A text that the library reads and never changes: `char *` in C, as published; `const char *` in C++, where a literal is
/// const.
pub type LoopwireString = *mut c_char;

/// As the SDK's page names it, and as cgo defines it: `long long`, which `int64_t` is not everywhere. A Go program may include both.
pub type GoInt = c_longlong;

/// As the SDK's page names it, and as cgo defines it.
pub type GoUint8 = c_uchar;

/// As the SDK's page names it, and as cgo defines it.
pub type GoUint32 = c_uint;
