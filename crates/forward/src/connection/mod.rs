//! A client's connection: accepted, its protocol detected, and served through the port's upstream.

mod answer_clock;
mod exchange;
mod http_port;
mod listen;
mod next;
mod receive;
mod rejection;
mod relay;
mod send;
mod serve;
mod socks_port;
mod tunnel;
mod upstream_connection;

pub(crate) use listen::open as open_port;
