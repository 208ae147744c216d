//! The watcher on real trees.

mod bounds;
mod coalesce;
#[cfg(target_os = "linux")]
mod figures;
mod hidden;
mod life;
#[cfg(target_os = "linux")]
mod limits;
mod model;
mod names;
mod roots;
mod support;
#[cfg(unix)]
mod tools;
