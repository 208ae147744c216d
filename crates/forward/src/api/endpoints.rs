//! The endpoints: what each of them does with the engine.

use axum::http::StatusCode;

use super::answer::{Check, Data, Status};
use super::error::ApiError;
use super::parameters::{Parameters, Ports};
use super::pick::{self, Choice, Picks};
use crate::engine::Engine;
use crate::model::Range;
use crate::provider::Filter;

/// The most that `/api/today_list` returns, and its default: a page that a person can read.
const MAX_LISTED: u32 = 1_000;
const LISTED: u32 = 100;

/// One of the published endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Proxy,
    PortCheck,
    PortStatus,
    SetPortRange,
    PortFree,
    TodayList,
}

impl Endpoint {
    /// Whether it only reads. HEAD must not change anything (RFC 9110, section 9.2.1), so only these answer it; the
    /// others change something even with GET, as it was published.
    pub(super) const fn is_safe(self) -> bool {
        matches!(self, Self::PortCheck | Self::PortStatus | Self::TodayList)
    }
}

/// The dispatcher: calls the endpoint of a request.
pub(super) struct Dispatcher {
    pub(super) engine: Engine,
    pub(super) picks: Picks,
}

impl Dispatcher {
    pub(super) async fn serve(
        &self,
        endpoint: Endpoint,
        asked: &Parameters,
    ) -> Result<Data, ApiError> {
        match endpoint {
            Endpoint::Proxy => self.proxy(asked).await,
            Endpoint::PortCheck => self.port_check(asked),
            Endpoint::PortStatus => Ok(self.port_status()),
            Endpoint::SetPortRange => self.set_port_range(asked),
            Endpoint::PortFree => self.port_free(asked),
            Endpoint::TodayList => self.today_list(asked).await,
        }
    }

    async fn proxy(&self, asked: &Parameters) -> Result<Data, ApiError> {
        let choice = choice(asked, &self.engine.0.range())?;
        let filter = Filter {
            plan: asked.text("plan")?,
            country: asked.texts("country")?,
            state: asked.text("state")?,
            city: asked.text("city")?,
            zip: asked.text("zip")?,
            isp: asked.text("isp")?,
            today: asked.flag("today")?,
            ..Filter::default()
        };
        let taken = self.picks.take(&self.engine, choice, filter).await?;
        Ok(Data::Proxies(taken))
    }

    fn port_check(&self, asked: &Parameters) -> Result<Data, ApiError> {
        let ports = match asked.ports("ports")? {
            Some(Ports::These(ports)) => ports,
            Some(Ports::All) | None => self.engine.0.range().ports().collect(),
        };
        let infos = self.engine.port_infos();
        let online: std::collections::BTreeSet<u16> = infos
            .iter()
            .filter(|info| info.online)
            .map(|info| info.port)
            .collect();
        let check = |port| Check {
            port,
            online: online.contains(&port),
        };
        Ok(Data::Checks(ports.into_iter().map(check).collect()))
    }

    fn port_status(&self) -> Data {
        let infos = self.engine.port_infos().into_iter();
        let status = infos.map(|info| Status {
            address: info.address,
            city: info.city,
            public_ip: info.public_ip,
            online: info.online,
        });
        Data::Statuses(status.collect())
    }

    fn set_port_range(&self, asked: &Parameters) -> Result<Data, ApiError> {
        let most = u32::from(u16::MAX);
        let start = asked.number("start_port", 1..=most)?;
        let count = asked.number("port_num", 1..=most)?;
        if start.is_none() && count.is_none() {
            return Err(ApiError::parameter(
                "start_port",
                "start_port or port_num is required",
            ));
        }
        // Missing values stay as they are.
        let (start, count) = match (start, count) {
            (Some(start), Some(count)) => (start, count),
            (start, count) => {
                let range = self.engine.0.range();
                (
                    start.unwrap_or_else(|| range.start().into()),
                    count.unwrap_or_else(|| range.count().into()),
                )
            }
        };
        if start + count - 1 > most {
            let wanted = format!("at most {} from port {start} on", most - start + 1);
            return Err(ApiError::parameter("port_num", &wanted));
        }
        match self.engine.set_range_port(start, count) {
            Ok(()) => Ok(Data::Done),
            Err(error) => Err(ApiError {
                status: StatusCode::BAD_REQUEST,
                message: error.to_string(),
            }),
        }
    }

    fn port_free(&self, asked: &Parameters) -> Result<Data, ApiError> {
        let ports = match asked.ports("ports")? {
            Some(Ports::These(ports)) => ports,
            Some(Ports::All) => self.engine.ports(),
            // It ends connections, so `all` must be explicit.
            None => {
                return Err(ApiError::parameter(
                    "ports",
                    "port numbers separated by commas, or all",
                ));
            }
        };
        for port in ports {
            self.engine.remove_port(port);
        }
        Ok(Data::Done)
    }

    async fn today_list(&self, asked: &Parameters) -> Result<Data, ApiError> {
        let limit = asked.number("limit", 1..=MAX_LISTED)?.unwrap_or(LISTED);
        let today = asked.flag("today")?;
        let listed = pick::listed(&self.engine, limit as usize, today).await?;
        Ok(Data::Listed(listed))
    }
}

/// Which ports `/api/proxy` uses: given in one of three ways, or in none.
fn choice(asked: &Parameters, range: &Range) -> Result<Choice, ApiError> {
    let num = asked.number("num", 1..=range.count().into())?;
    let (port, ports) = (asked.port("port")?, asked.ports("ports")?);
    let start = asked.port("start_port")?;
    let ways = [port.is_some(), ports.is_some(), start.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        let wanted = "only one of port, ports and start_port can be given";
        return Err(ApiError::parameter("port", wanted));
    }
    let free = |from, num: Option<u32>| Choice::Free {
        from,
        num: num.unwrap_or(1) as usize,
    };
    let (name, mut named) = match (port, ports, start) {
        (Some(port), ..) => ("port", vec![port]),
        (_, Some(Ports::These(ports)), _) => ("ports", ports),
        // All free ports of the range.
        (_, Some(Ports::All), _) => {
            return Ok(free(1, num.or(Some(range.count().into()))));
        }
        (.., Some(start)) if !range.contains(start) => {
            return Err(outside("start_port", start, range));
        }
        (.., start) => return Ok(free(start.unwrap_or(1), num)),
    };
    if let Some(port) = named.iter().find(|port| !range.contains(**port)) {
        return Err(outside(name, *port, range));
    }
    match num.map(|num| num as usize) {
        Some(num) if num > named.len() => {
            let wanted = format!("at most {}: that many ports are named", named.len());
            Err(ApiError::parameter("num", &wanted))
        }
        num => {
            named.truncate(num.unwrap_or(named.len()));
            Ok(Choice::These(named))
        }
    }
}

fn outside(name: &str, port: u16, range: &Range) -> ApiError {
    let last = u32::from(range.start()) + u32::from(range.count()) - 1;
    let wanted = format!("{port} is not in the range {} to {last}", range.start());
    ApiError::parameter(name, &wanted)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn ports_are_given_in_one_way_or_picked() {
        let range = Range::new("127.0.0.1:%d", 60_000, 10).unwrap();
        let free = |from, num| Ok(Choice::Free { from, num });
        let these = |ports: &[u16]| Ok(Choice::These(ports.to_vec()));
        for (query, expected) in [
            ("", free(1, 1)),
            ("num=10", free(1, 10)),
            ("start_port=60005&num=2", free(60_005, 2)),
            ("ports=all", free(1, 10)),
            ("port=60000", these(&[60_000])),
            ("port=60000&num=1", these(&[60_000])),
            ("ports=60003,60001", these(&[60_003, 60_001])),
            ("ports=60003,60001&num=1", these(&[60_003])),
            ("num=11", Err("num: ")),
            ("num=0", Err("num: ")),
            ("port=60000&num=2", Err("num: ")),
            ("port=60010", Err("port: 60010")),
            ("ports=60000,59999", Err("ports: 59999")),
            ("start_port=60010", Err("start_port: 60010")),
            ("port=60000&start_port=60000", Err("port: only")),
        ] {
            let asked = Parameters::read(query, b"").unwrap();
            match (choice(&asked, &range), expected) {
                (Ok(choice), expected) => assert_eq!(Ok(choice), expected, "{query}"),
                (Err(error), Err(begin)) => {
                    assert!(error.message.starts_with(begin), "{query}: {error:?}");
                }
                (Err(error), _) => panic!("{query}: {error:?}"),
            }
        }
    }
}
