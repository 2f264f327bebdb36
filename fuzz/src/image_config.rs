use serde_json::Value;
use sockerless_frontend::fuzz::shown_config;
use sockerless_oci::ImageConfig;
use sockerless_oci::config::{ImageOrigin, RunConfig};

/// Reads `data` as an image config: an accepted config can be shown by every reader, in every API
/// version, and read again.
pub fn image_config(data: &[u8]) {
    let Ok(config) = ImageConfig::parse(data) else {
        return;
    };
    let origin = ImageOrigin::parse(data).expect("what a load takes has an origin");
    for run in [&config.run, &origin.container_run] {
        let text = serde_json::to_string(run).expect("JSON");
        let again: RunConfig = serde_json::from_str(&text).expect("what was written");
        assert_eq!(serde_json::to_string(&again).expect("JSON"), text);
    }
    serde_json::to_string(&config.history).expect("JSON");
    for version in ["1.24", "1.41", "1.44", "1.50", "1.52", "1.55"] {
        let parts = shown_config(data, version).expect("what a load takes can be shown");
        for part in parts {
            serde_json::from_str::<Value>(&part).unwrap_or_else(|error| panic!("{part}: {error}"));
        }
    }
}
