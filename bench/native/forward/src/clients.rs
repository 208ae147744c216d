//! What all load generators are told: where the proxy is, how to speak to it, for how long.
use std::io::{Error, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use pico_args::Arguments;
use tokio::net::TcpStream;

use crate::way::Way;

/// Clients of one proxy.
#[derive(Clone)]
pub(crate) struct Clients {
    /// The proxy's ports, used in turn: a program may bound the connections of each.
    ports: Vec<u16>,
    way: Way,
    /// The origin, as the proxy is asked for it.
    target: u16,
    pub(crate) time: Duration,
    /// The proxy's process, if its CPU time is wanted.
    pub(crate) pid: Option<u32>,
}

/// A required option.
pub(crate) fn option<T: FromStr>(args: &mut Arguments, name: &'static str) -> Result<T>
where
    T::Err: std::fmt::Display,
{
    args.value_from_str(name).map_err(Error::other)
}

impl Clients {
    pub(crate) fn from_args(args: &mut Arguments) -> Result<Self> {
        let ports: String = option(args, "--port")?;
        let ports = ports.split(',').map(u16::from_str);
        let seconds = args.opt_value_from_str("--seconds").map_err(Error::other)?;
        Ok(Self {
            ports: ports
                .collect::<std::result::Result<_, _>>()
                .map_err(Error::other)?,
            way: option(args, "--way")?,
            target: option(args, "--target")?,
            time: Duration::from_secs_f64(seconds.unwrap_or(2.0)),
            pid: args.opt_value_from_str("--pid").map_err(Error::other)?,
        })
    }

    /// The same clients at another port, where the upstream itself listens.
    pub(crate) fn direct(&self, port: u16) -> Self {
        Self {
            ports: vec![port],
            ..self.clone()
        }
    }

    /// The `n`-th connection to the origin, through the proxy.
    pub(crate) async fn connect(&self, n: usize) -> Result<TcpStream> {
        let port = self.ports[n % self.ports.len()];
        let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        stream.set_nodelay(true)?;
        self.way.open(&mut stream, self.target).await?;
        Ok(stream)
    }
}
