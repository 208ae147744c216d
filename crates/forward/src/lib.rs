//! The forward engine: local proxy ports that forward traffic through upstream proxies.
