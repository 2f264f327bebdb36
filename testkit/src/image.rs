//! Images: a configuration and the layers that it names.

use serde_json::{Value, json};

use crate::digest;
use crate::tar::Tar;

/// One layer, uncompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The tar file.
    pub tar: Vec<u8>,
}

impl Layer {
    /// A layer with one file.
    #[must_use]
    pub fn with_file(name: &str, content: &str) -> Self {
        Self {
            tar: Tar::new().file(name, content).finish(),
        }
    }

    /// `sha256:<hex>` of the tar file.
    #[must_use]
    pub fn diff_id(&self) -> String {
        digest::of(&self.tar)
    }

    /// The digits of the `diff_id`.
    #[must_use]
    pub fn hex(&self) -> String {
        digest::hex(&self.tar)
    }
}

/// A configuration, byte for byte, and its layers, base first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The bytes of the configuration; their digest is the image's ID.
    pub config: Vec<u8>,
    /// The layers, base first.
    pub layers: Vec<Layer>,
}

impl Image {
    /// An image for linux/amd64 with `layers` layers. `seed` makes it unique.
    #[must_use]
    pub fn sample(seed: &str, layers: usize) -> Self {
        let layers = (0..layers)
            .map(|n| Layer::with_file(&format!("etc/{n}"), &format!("{seed} {n}\n")))
            .collect();
        Self::with_layers(seed, layers)
    }

    /// The same with existing layers.
    #[must_use]
    pub fn with_layers(seed: &str, layers: Vec<Layer>) -> Self {
        let config = config(seed, &layers);
        Self {
            config: bytes(&config),
            layers,
        }
    }

    /// The same layers with a configuration that `change` has altered.
    #[must_use]
    pub fn reconfigured(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut config = serde_json::from_slice(&self.config).expect("the config is JSON");
        change(&mut config);
        self.config = bytes(&config);
        self
    }

    /// `sha256:<hex>` of the configuration.
    #[must_use]
    pub fn id(&self) -> String {
        digest::of(&self.config)
    }

    /// The digits of the ID.
    #[must_use]
    pub fn hex(&self) -> String {
        digest::hex(&self.config)
    }

    /// The digests of the layers, base first.
    #[must_use]
    pub fn diff_ids(&self) -> Vec<String> {
        self.layers.iter().map(Layer::diff_id).collect()
    }

    /// A docker archive of it as `docker save` wrote it, with these `RepoTags`.
    #[must_use]
    pub fn docker_archive(&self, names: &[&str]) -> Tar {
        let mut tar = Tar::new().file(&format!("{}.json", self.hex()), &self.config);
        let mut paths = Vec::new();
        for layer in &self.layers {
            let path = format!("{}/layer.tar", layer.hex());
            if !paths.contains(&path) {
                tar = tar.file(&path, &layer.tar);
            }
            paths.push(path);
        }
        let item =
            json!({"Config": format!("{}.json", self.hex()), "RepoTags": names, "Layers": paths});
        tar.file("manifest.json", bytes(&json!([item])))
    }
}

fn config(seed: &str, layers: &[Layer]) -> Value {
    let diff_ids: Vec<String> = layers.iter().map(Layer::diff_id).collect();
    let history: Vec<Value> = (0..layers.len())
        .map(|n| json!({"created": "2024-05-06T07:08:09Z", "created_by": format!("COPY {n}")}))
        .collect();
    json!({
        "architecture": "amd64",
        "os": "linux",
        "created": "2024-05-06T07:08:09Z",
        "config": {
            "Env": ["PATH=/bin", format!("SEED={seed}")],
            "Entrypoint": ["/entry"],
            "Cmd": ["run", "--seed", seed],
            "Labels": {"org.example.seed": seed},
            "WorkingDir": "/work",
            "User": "1000",
        },
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history,
    })
}

/// Compact JSON.
#[must_use]
pub fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value can be written")
}
