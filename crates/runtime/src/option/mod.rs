//! Options: what each call of the API takes, with its bounds and its defaults, read from whatever language calls.

mod call;
mod event;
mod forward;
mod git;
mod http_api;
mod listener;
mod settings;
mod snapshots;
mod target;
mod terminal;
mod token;
mod watch;
mod workspace;

pub use call::{
    action_type, channel, only_free, plan, port_limit, port_number, protocol, renew_limit, seconds,
};
pub use event::{check_form, event_data, event_type};
pub use forward::forward;
pub use git::{git, git_answer, git_kind, git_repository};
pub use http_api::http_api;
pub use listener::{Caller, listener, plain_listener};
pub use settings::settings;
pub use snapshots::{snapshot, snapshot_limit};
pub use target::target;
pub use terminal::{environment, execute, side, terminal};
pub use token::{next_token, token, token_bytes};
pub use watch::watch;
pub use workspace::{directory, file_mode, workspace};
