//! The forward engine: ports, their upstreams, the provider. Each function is named after the one of Node.

mod access;
mod config;
mod create;
mod engine;
mod http_api;
mod ports;
mod provider;
mod range;
mod saved;
mod shapes;
mod timing;
mod told;
mod typed;

pub(crate) use access::{
    loopwire_forward_set_enable_proxy_auth, loopwire_forward_set_protocol,
    loopwire_forward_set_proxy_auth,
};
pub(crate) use config::{
    loopwire_forward_get_config_json, loopwire_forward_get_configs_json,
    loopwire_forward_put_config_port, loopwire_forward_set_config_ports,
};
pub(crate) use create::{
    loopwire_forward_create_proxy_by_port_configs, loopwire_forward_create_with_configure,
    loopwire_forward_create_with_id, loopwire_forward_quick_create_at_port,
    loopwire_forward_quick_create_proxies, loopwire_forward_remove_port,
    loopwire_forward_stop_proxy,
};
pub(crate) use engine::{loopwire_forward_enable_debug, loopwire_forward_run_async};
pub(crate) use http_api::{loopwire_forward_start_http_api, loopwire_forward_stop_http_api};
pub(crate) use ports::{
    loopwire_forward_check_port_available, loopwire_forward_get_ports,
    loopwire_forward_get_ports_available, loopwire_forward_get_ports_free_with_limit,
    loopwire_forward_get_ports_with_limit, loopwire_forward_get_ports_with_start_limit,
    loopwire_forward_is_running_port, loopwire_forward_test_port,
};
pub(crate) use provider::{
    loopwire_forward_close_token_chan, loopwire_forward_get_api_host,
    loopwire_forward_set_api_host, loopwire_forward_set_header, loopwire_forward_set_query,
    loopwire_forward_set_user_country_code,
};
pub(crate) use range::{
    loopwire_forward_set_range_port, loopwire_forward_update_ip_format_and_ports,
};
pub(crate) use saved::{
    loopwire_forward_clean_data, loopwire_forward_restore_data, loopwire_forward_set_save_data_path,
};
pub(crate) use timing::{
    loopwire_forward_enable_auto_renew, loopwire_forward_enable_auto_rotation,
    loopwire_forward_get_auto_refresh_proxy_count_limit,
    loopwire_forward_get_auto_refresh_proxy_rate_limit, loopwire_forward_get_enable_auto_renew,
    loopwire_forward_set_auto_rotation_setting, loopwire_forward_set_renew_setting,
};
