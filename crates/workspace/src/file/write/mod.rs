//! Writing: from the client's frames, or from the application, to a file in its place.

mod receive;
mod temp_file;
mod unnamed;
