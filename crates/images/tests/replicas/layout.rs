use bytes::Bytes;
use serde_json::{Value, json};
use sockerless_images::Digest;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An OCI layout that is being written.
pub(crate) struct Layout {
    builder: tar::Builder<Vec<u8>>,
    manifests: Vec<Value>,
}

impl Layout {
    pub(crate) fn new() -> Self {
        Self {
            builder: tar::Builder::new(Vec::new()),
            manifests: Vec::new(),
        }
    }

    fn member(&mut self, path: &str, bytes: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        self.builder
            .append_data(&mut header, path, bytes)
            .expect("added");
    }

    /// Adds a blob; returns its descriptor.
    pub(crate) fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        self.member(&format!("blobs/sha256/{}", digest.hex()), bytes);
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
    }

    fn document(&mut self, media_type: &str, document: &Value) -> Value {
        self.blob(media_type, document.to_string().as_bytes())
    }

    /// Adds an image of these layers, each with the digest of its tar.
    pub(crate) fn image(&mut self, architecture: &str, layers: &[(Value, Digest)]) {
        let diff_ids: Vec<_> = layers.iter().map(|(_, tar)| tar.to_string()).collect();
        let config = json!({
            "architecture": architecture,
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.document(CONFIG, &config);
        let layers: Vec<_> = layers.iter().map(|(layer, _)| layer).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
        });
        let mut descriptor = self.document(MANIFEST, &manifest);
        descriptor["platform"] = json!({"os": "linux", "architecture": architecture});
        self.manifests.push(descriptor);
    }

    /// Adds an attestation of one blob.
    pub(crate) fn attestation(&mut self, blob: Value) {
        let config = self.document(CONFIG, &json!({"architecture": "unknown", "os": "unknown"}));
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [blob],
        });
        let mut descriptor = self.document(MANIFEST, &manifest);
        descriptor["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        self.manifests.push(descriptor);
    }

    /// The archive of one image: an index of everything that was added.
    pub(crate) fn index(mut self) -> Bytes {
        let manifests = std::mem::take(&mut self.manifests);
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        let descriptor = self.document(INDEX, &index);
        self.end(&[descriptor])
    }

    /// The archive of the images that were added.
    pub(crate) fn images(mut self) -> Bytes {
        let manifests = std::mem::take(&mut self.manifests);
        self.end(&manifests)
    }

    fn end(mut self, manifests: &[Value]) -> Bytes {
        let index = json!({"schemaVersion": 2, "manifests": manifests});
        self.member("index.json", index.to_string().as_bytes());
        let version = json!({"imageLayoutVersion": "1.0.0"});
        self.member("oci-layout", version.to_string().as_bytes());
        self.builder.into_inner().expect("a tar").into()
    }
}
