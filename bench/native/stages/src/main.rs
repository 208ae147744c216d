//! One stage of Loopwire, so many times, in one thread: its instructions are counted from outside (bench/lib/budget).
//!
//! `stages STAGE COUNT` prints how many times it was. The cost of one is what two counts differ by, divided by the
//! difference of what they print: what starts, what ends and what is done once are in both. Clients and upstreams are other
//! processes (`stages peer …`), which are not counted.
mod events;
mod forward;
mod peer;

use std::error::Error;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn stage(args: &[&str]) -> Result<u64> {
    match *args {
        ["publish", count] => events::publish(count.parse()?),
        ["drain", count] => events::drain(count.parse()?),
        ["lone", count] => events::lone(count.parse()?),
        ["frame-plain", count] => events::plain(count.parse()?),
        ["frame-v1", count] => events::v1(count.parse()?),
        ["connection", count] => forward::connections(count.parse()?),
        ["copy", count] => forward::copy(count.parse()?),
        _ => Err("stages STAGE COUNT; the stages are in src/main.rs".into()),
    }
}

/// What the stages start, in a process of its own.
fn peer(args: &[&str]) -> Result {
    match *args {
        ["reader", port, path, held] => peer::reader(port.parse()?, path, held == "held"),
        ["upstream", work, count] => peer::upstream(work, count.parse()?),
        _ => Err(format!("no peer {args:?}").into()),
    }
}

fn run() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["peer", rest @ ..] = &args[..] {
        return peer(rest);
    }
    println!("{}", stage(&args)?);
    Ok(())
}

fn main() {
    if let Err(error) = run() {
        eprintln!("Error: {error}");
        std::process::exit(1);
    }
}
