use serde_json::{Value, json};

use super::expected::Expected;
use super::hashed::digits;
use super::layer::Layer;

/// A config with the layers that it names.
#[derive(Debug)]
pub(super) struct Image {
    /// Its name.
    pub(super) name: String,
    /// The bytes of the config.
    pub(super) config: Vec<u8>,
    /// Base first, not compressed.
    pub(super) layers: Vec<Layer>,
}

impl Image {
    /// An image for this machine.
    pub(super) fn new(name: &str, layers: Vec<Layer>) -> Self {
        let diff_ids: Vec<&str> = layers.iter().map(|it| it.diff_id.as_str()).collect();
        let config = config(name, &diff_ids).to_string().into_bytes();
        Self {
            name: name.to_owned(),
            config,
            layers,
        }
    }

    /// The digits of the digest of the config.
    pub(super) fn id(&self) -> String {
        digits(&self.config)
    }

    /// The expected result of loading it.
    pub(super) fn expected(&self) -> Expected {
        let prefixed = |digits: &str| format!("sha256:{digits}");
        Expected {
            name: self.name.clone(),
            id: prefixed(&self.id()),
            diff_ids: self.layers.iter().map(|it| prefixed(&it.diff_id)).collect(),
        }
    }
}

/// The config of an image with these layers; `seed` makes it unique.
pub(super) fn config(seed: &str, diff_ids: &[&str]) -> Value {
    let diff_ids: Vec<String> = diff_ids.iter().map(|it| format!("sha256:{it}")).collect();
    let history: Vec<Value> = (0..diff_ids.len())
        .map(|at| json!({"created": "2026-01-02T03:04:05Z", "created_by": format!("COPY {at}")}))
        .collect();
    json!({
        "architecture": architecture(),
        "os": "linux",
        "created": "2026-01-02T03:04:05Z",
        "config": {
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Entrypoint": ["/usr/bin/dumb-init", "/entrypoint"],
            "Cmd": ["sh"],
            "Labels": {"org.example.seed": seed},
        },
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history,
    })
}

/// In Go's spelling.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
