//! Calls about ports: the range, free ports, and the ports' configurations.

use super::handle::Engine;
use crate::health::Ending;
use crate::model::{Detail, ForwardError, Range};
use crate::port::config_json;
use crate::provider::PortConfig;
use crate::request::EngineState;

impl Engine {
    /// Sets the address template and the range. Ports outside the new range are removed; those inside keep their
    /// address.
    ///
    /// # Errors
    /// [`ForwardError::IpFormat`], [`ForwardError::PortRange`], [`ForwardError::AddressNotLoopback`].
    pub fn update_ip_format_and_ports(
        &self,
        format: &str,
        start: u32,
        count: u32,
    ) -> Result<(), ForwardError> {
        self.0.use_range(Range::new(format, start, count)?)
    }

    /// Sets the range; the address template stays.
    ///
    /// # Errors
    /// [`ForwardError::PortRange`].
    pub fn set_range_port(&self, start: u32, count: u32) -> Result<(), ForwardError> {
        let current = self.0.set_range().unwrap_or_default();
        self.0.use_range(current.with_ports(start, count)?)
    }

    /// The ports of the range, in order. Uses the default range if none was set.
    #[must_use]
    pub fn get_ports(&self) -> Vec<u16> {
        self.0.range().ports().collect()
    }

    /// Up to `limit` ports of the range, from `start` on.
    #[must_use]
    pub fn get_ports_with_start_limit(&self, start: u16, limit: usize) -> Vec<u16> {
        let ports = self.0.range().ports();
        ports.filter(|&port| port >= start).take(limit).collect()
    }

    /// Up to `limit` free ports of the range.
    #[must_use]
    pub fn get_ports_free_with_limit(&self, limit: usize) -> Vec<u16> {
        let range = self.0.range();
        let free = |&port: &u16| self.0.is_free(&range, port);
        range.ports().filter(free).take(limit).collect()
    }

    /// The free ones of the given ports, in the order given.
    #[must_use]
    pub fn get_ports_available(&self, ports: &[u16]) -> Vec<u16> {
        let range = self.0.range();
        let free = |port: &u16| self.0.is_free(&range, *port);
        ports.iter().copied().filter(free).collect()
    }

    /// Whether a proxy runs on the port.
    #[must_use]
    pub fn is_running_port(&self, port: u16) -> bool {
        self.0
            .used_lane(port)
            .is_some_and(|lane| lane.port().is_some())
    }

    /// Whether the port is free: not forwarded, and not used by another program.
    #[must_use]
    pub fn check_port_available(&self, port: u16) -> bool {
        self.0.is_free(&self.0.range(), port)
    }

    /// The port's configuration as JSON text; `{}` if nothing is forwarded there.
    #[must_use]
    pub fn get_config_json(&self, port: u16) -> String {
        let found = self.0.used_lane(port).and_then(|lane| lane.port());
        found.map_or_else(|| "{}".to_owned(), |port| config_json(&port))
    }

    /// The configurations of all forwarded ports as JSON text: an array, in the order of the ports.
    #[must_use]
    pub fn get_configs_json(&self) -> String {
        let ports = self.0.all_lanes().into_iter();
        let texts: Vec<String> = ports
            .filter_map(|(_, lane)| lane.port())
            .map(|port| config_json(&port))
            .collect();
        format!("[{}]", texts.join(","))
    }

    /// Sets one port's configuration: the filter for its proxies, and whether rotation and renewal apply to it. It is
    /// used from the next request for the port on.
    ///
    /// # Errors
    /// [`ForwardError::PortConfig`].
    pub fn put_config_port(&self, port: u16, json: &str) -> Result<(), ForwardError> {
        let config = PortConfig::from_json(json)?;
        self.0.set_configs([(port, config)]);
        Ok(())
    }

    /// Sets the configurations of many ports: an object keyed by the port's text.
    ///
    /// # Errors
    /// [`ForwardError::PortConfig`]; then nothing was set.
    pub fn set_config_ports(&self, json: &str) -> Result<(), ForwardError> {
        self.0.set_configs(PortConfig::map_from_json(json)?);
        Ok(())
    }
}

impl EngineState {
    fn use_range(&self, range: Range) -> Result<(), ForwardError> {
        let credentials = self.context.local_auth.credentials().is_some();
        self.check_exposure(Some(&range), credentials)?;
        if !self.replace_range(&range) {
            return Ok(());
        }
        self.announce(&range);
        for (number, lane) in self.all_lanes() {
            if !range.contains(number) && lane.port().is_some() {
                let reason = Detail::PortOutOfRange.to_string();
                self.clear(number, &lane, Ending::Automatic, &reason);
            }
        }
        Ok(())
    }

    /// Whether a port is neither forwarded nor used by another program.
    pub(crate) fn is_free(&self, range: &Range, port: u16) -> bool {
        let forwarded = self
            .used_lane(port)
            .is_some_and(|lane| lane.port().is_some());
        // Bound as a listener is, and not tokio's: this runs on the caller's thread.
        !forwarded && port != 0 && loopwire_channel::bind(range.address(port)).is_ok()
    }
}
