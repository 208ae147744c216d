//! Calls about the credentials of local ports, and the rule that ports which others can reach require them.

use super::handle::Engine;
use crate::model::{ForwardError, Range};
use crate::request::EngineState;
use crate::upstream::Credentials;

impl Engine {
    /// Sets whether local ports require credentials.
    ///
    /// # Errors
    /// [`ForwardError::NoCredentials`] if there are none yet, [`ForwardError::AddressNotLoopback`] if the range
    /// lies where others can reach it.
    pub fn set_enable_proxy_auth(&self, enable: bool) -> Result<(), ForwardError> {
        let local_auth = &self.0.context.local_auth;
        if enable && !local_auth.has_credentials() {
            return Err(ForwardError::NoCredentials);
        }
        self.0.check_exposure(self.0.set_range().as_ref(), enable)?;
        local_auth.set_enabled(enable);
        Ok(())
    }

    /// Sets the credentials that local ports require, and whether they do.
    ///
    /// # Errors
    /// [`ForwardError::CredentialsInvalid`], [`ForwardError::AddressNotLoopback`].
    pub fn set_proxy_auth(
        &self,
        enable: bool,
        username: &str,
        password: &str,
    ) -> Result<(), ForwardError> {
        let credentials = Credentials::local(username, password)?;
        self.0.check_exposure(self.0.set_range().as_ref(), enable)?;
        self.0.context.local_auth.set(enable, credentials);
        Ok(())
    }
}

impl EngineState {
    /// Checks that no port is reachable by other machines unless credentials are required. A port keeps its address
    /// when the range moves, so the range alone is not enough.
    pub(super) fn check_exposure(
        &self,
        range: Option<&Range>,
        required: bool,
    ) -> Result<(), ForwardError> {
        if required {
            return Ok(());
        }
        let lanes = self.all_lanes().into_iter();
        let mut listening = lanes.filter_map(|(_, lane)| Some(lane.port()?.address.ip()));
        let exposed = range
            .filter(|range| !range.is_loopback())
            .map(|range| range.address(0).ip())
            .or_else(|| listening.find(|ip| !ip.is_loopback()));
        match exposed {
            Some(ip) => Err(ForwardError::AddressNotLoopback {
                address: ip.to_string(),
            }),
            None => Ok(()),
        }
    }
}
