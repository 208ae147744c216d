//! Links the addon against the host's Node-API symbols.

fn main() {
    napi_build::setup();
}
