//! What does not start the forward engine: before its first use there is nothing to stop, to delete or to tell.

use loopwire_forward::PortInfo;

use crate::runtime::Runtime;

impl Runtime {
    /// Stops forwarding a port.
    pub fn remove_port(&self, port: u16) {
        if let Some(engine) = self.started_forward() {
            engine.remove_port(port);
        }
    }

    /// Stops forwarding all ports.
    pub fn stop_proxy(&self) {
        if let Some(engine) = self.started_forward() {
            engine.stop_proxy();
        }
    }

    /// Deletes the saved data.
    pub fn clean_data(&self) {
        if let Some(engine) = self.started_forward() {
            engine.clean_data();
        }
    }

    /// Ends the wait of requests that the provider has answered with 401.
    pub fn close_token_chan(&self) {
        if let Some(engine) = self.started_forward() {
            engine.close_token_chan();
        }
    }

    /// Whether a port is forwarded.
    #[must_use]
    pub fn is_running_port(&self, port: u16) -> bool {
        let engine = self.started_forward();
        engine.is_some_and(|engine| engine.is_running_port(port))
    }

    /// A forwarded port as JSON text, `{}` if it is not forwarded.
    #[must_use]
    pub fn config_json(&self, port: u16) -> String {
        let engine = self.started_forward();
        engine.map_or_else(|| "{}".to_owned(), |engine| engine.get_config_json(port))
    }

    /// The forwarded ports as JSON text.
    #[must_use]
    pub fn configs_json(&self) -> String {
        let engine = self.started_forward();
        engine.map_or_else(|| "[]".to_owned(), |engine| engine.get_configs_json())
    }

    /// The provider's URL, or the empty text.
    #[must_use]
    pub fn api_host(&self) -> String {
        let engine = self.started_forward();
        engine.map_or_else(String::new, |engine| engine.api_host())
    }

    /// The forwarded ports.
    #[must_use]
    pub fn port_infos(&self) -> Vec<PortInfo> {
        let engine = self.started_forward();
        engine.map(|engine| engine.port_infos()).unwrap_or_default()
    }
}
