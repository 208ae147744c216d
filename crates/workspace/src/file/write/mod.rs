//! Writing: from the client's frames or from the application to the finished file.

mod receive;
mod temp_file;
mod unnamed;
