//! What commands read: text, bytes, and bytes that are counted.

mod binary;
mod counted;
mod text;
