//! What clients and the application ask of snapshots, and what everybody is told.

mod commands;
mod events;
mod operation;
mod past;
mod recovery;
mod request;
