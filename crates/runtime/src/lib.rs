//! The composition root: tokio runtime, journal and engines of one environment.

mod commands;
mod figures;
mod place;
mod runtime;

pub use loopwire_forward::{
    Accept, Auth, Engine, ForwardError, Forwarded, OnRotate, PortInfo, Rules, Stats, Target,
    Through, UpstreamInfo, Wanted,
};

pub use loopwire_workspace::{
    Chunk, Done, Exit, Files, OpenError as WorkspaceError, Options as WorkspaceOptions, Reader,
    Source, Spawn, Terminal, Terminals, Watch, Workspace,
};

pub use runtime::{OpenListener, Parts, Runtime, RuntimeError, Settings};
