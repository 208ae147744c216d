//! Calls about timed rotation and renewal.

use std::time::Duration;

use super::handle::Engine;

impl Engine {
    /// Enables or disables timed rotation.
    pub fn enable_auto_rotation(&self, enable: bool) {
        self.reschedule(|schedule| schedule.rotation.enabled = enable);
    }

    /// Sets how often ports are rotated, and whether only ports with a configuration are.
    pub fn set_auto_rotation_setting(&self, interval: Duration, only_configured: bool) {
        self.reschedule(|schedule| {
            schedule.rotation.interval = interval;
            schedule.rotation.only_configured = only_configured;
        });
    }

    /// Enables or disables timed renewal.
    pub fn enable_auto_renew(&self, enable: bool) {
        self.reschedule(|schedule| schedule.renewal.enabled = enable);
    }

    /// Sets how often upstreams are renewed, after how many renewals a port is removed (0: never), and whether only
    /// ports with a configuration are renewed.
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
