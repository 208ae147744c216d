//! Both ends of the forwarding benchmark; the local proxy under test stands between them.
//!
//! `forward origin`: the upstream, which is the origin too; prints its port. The rest are load generators,
//! which print one line of JSON:
//! `forward bulk --streams N [--up]`, `forward connections`, `forward latency --direct PORT`,
//! `forward idle --count N`, each with `--port P[,P…] --way http|socks5 --target PORT [--seconds S] [--pid PID]`.
mod bulk;
mod clients;
mod connections;
mod idle;
mod latency;
mod meter;
mod origin;
mod way;

use std::io::{Error, Result};

use tokio::runtime::Builder;

use crate::clients::Clients;

/// One for each core of a small machine: the proxy between needs the cores more.
const THREADS: usize = 2;

fn run() -> Result<()> {
    let mut args = pico_args::Arguments::from_env();
    let command = args.subcommand().map_err(Error::other)?;
    let command = command.as_deref().unwrap_or_default();
    let runtime = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?;
    if command == "origin" {
        return runtime.block_on(origin::serve());
    }
    let clients = Clients::from_args(&mut args)?;
    let line = match command {
        "bulk" => runtime.block_on(bulk::run(clients, &mut args))?,
        "connections" => runtime.block_on(connections::run(clients))?,
        "latency" => latency::run(&runtime, &clients, &mut args)?,
        "idle" => return runtime.block_on(idle::run(clients, &mut args)),
        _ => return Err(Error::other(format!("no command {command:?}"))),
    };
    println!("{line}");
    Ok(())
}

fn main() {
    if let Err(error) = run() {
        eprintln!("Error: {error}");
        std::process::exit(1);
    }
}
