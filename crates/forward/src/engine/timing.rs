//! The engine's calls about timed rotation and renewal.

use std::time::Duration;

use super::handle::Engine;

impl Engine {
    /// Switches timed rotation on or off.
    pub fn enable_auto_rotation(&self, enable: bool) {
        self.reschedule(|schedule| schedule.rotation.enabled = enable);
    }

    /// How often ports are rotated, and whether only those that have a configuration.
    pub fn set_auto_rotation_setting(&self, interval: Duration, only_configured: bool) {
        self.reschedule(|schedule| {
            schedule.rotation.interval = interval;
            schedule.rotation.only_configured = only_configured;
        });
    }

    /// Switches timed renewal on or off.
    pub fn enable_auto_renew(&self, enable: bool) {
        self.reschedule(|schedule| schedule.renewal.enabled = enable);
    }

    /// How often upstreams are renewed, after how many times a port is removed instead (0: never), and whether
    /// only ports that have a configuration.
    pub fn set_renew_setting(&self, interval: Duration, limit: u64, only_configured: bool) {
        self.reschedule(|schedule| {
            schedule.renewal.interval = interval;
            schedule.renewal.only_configured = only_configured;
            schedule.renewals = limit;
        });
    }

    /// Whether timed renewal is on.
    #[must_use]
    pub fn get_enable_auto_renew(&self) -> bool {
        self.0.schedule.borrow().renewal.enabled
    }

    /// How often upstreams are renewed.
    #[must_use]
    pub fn get_auto_refresh_proxy_rate_limit(&self) -> Duration {
        self.0.schedule.borrow().renewal.interval
    }

    /// After how many renewals a port is removed.
    #[must_use]
    pub fn get_auto_refresh_proxy_count_limit(&self) -> u64 {
        self.0.schedule.borrow().renewals
    }
}
