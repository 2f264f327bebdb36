//! OCI image layouts.

use serde_json::{Value, json};

use crate::digest;
use crate::image::{Image, bytes};
use crate::tar::Tar;

/// Media type of an OCI manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an OCI index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of an OCI image configuration.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Media type of a layer that is not compressed.
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// The form of a layer's blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blob {
    /// The tar itself.
    Plain,
    /// The tar through gzip.
    Gzip,
    /// The tar through zstd.
    Zstd,
}

impl Blob {
    /// The bytes of the blob.
    #[must_use]
    pub fn bytes(self, tar: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => tar.to_vec(),
            Self::Gzip => crate::compress::gzip(tar),
            Self::Zstd => crate::compress::zstd(tar),
        }
    }

    fn media_type(self) -> String {
        match self {
            Self::Plain => LAYER.to_owned(),
            Self::Gzip => format!("{LAYER}+gzip"),
            Self::Zstd => format!("{LAYER}+zstd"),
        }
    }
}

/// An OCI layout that is being built.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    blobs: Vec<(String, Vec<u8>)>,
}

impl Layout {
    /// An empty layout.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a blob, once, and returns its descriptor.
    pub fn blob(&mut self, media_type: &str, content: Vec<u8>) -> Value {
        let descriptor = descriptor(media_type, &content);
        let name = format!("blobs/sha256/{}", digest::hex(&content));
        if !self.blobs.iter().any(|(other, _)| *other == name) {
            self.blobs.push((name, content));
        }
        descriptor
    }

    /// Adds an image with its manifest and returns the manifest's descriptor.
    pub fn image(&mut self, image: &Image, form: Blob) -> Value {
        let layers: Vec<Value> = image
            .layers
            .iter()
            .map(|layer| self.blob(&form.media_type(), form.bytes(&layer.tar)))
            .collect();
        let config = self.blob(CONFIG, image.config.clone());
        let manifest =
            json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        self.blob(MANIFEST, bytes(&manifest))
    }

    /// Adds an index over `manifests` as a blob and returns its descriptor.
    pub fn index(&mut self, manifests: &[Value]) -> Value {
        self.blob(INDEX, bytes(&index(manifests)))
    }

    /// Removes the blob of that digest.
    ///
    /// # Panics
    /// When there is no such blob.
    pub fn remove(&mut self, digest: &str) {
        let name = format!("blobs/sha256/{}", digest::digits(digest));
        let before = self.blobs.len();
        self.blobs.retain(|(other, _)| *other != name);
        assert_eq!(self.blobs.len() + 1, before, "there is one blob {name}");
    }

    /// Puts `content` where the blob of `digest` is, whatever the digest of `content`.
    ///
    /// # Panics
    /// When there is no such blob.
    pub fn replace(&mut self, digest: &str, content: Vec<u8>) {
        let name = format!("blobs/sha256/{}", digest::digits(digest));
        let blob = self.blobs.iter_mut().find(|(other, _)| *other == name);
        blob.expect("the blob is there").1 = content;
    }

    /// The bytes of the blob of that digest.
    ///
    /// # Panics
    /// When there is no such blob.
    #[must_use]
    pub fn content(&self, digest: &str) -> Vec<u8> {
        let name = format!("blobs/sha256/{}", digest::digits(digest));
        let blob = self.blobs.iter().find(|(other, _)| *other == name);
        blob.expect("the blob is there").1.clone()
    }

    /// Every blob with its path in the archive, in the order of adding.
    pub fn contents(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.blobs
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    /// The blobs alone.
    #[must_use]
    pub fn blobs(&self) -> Tar {
        let tar = Tar::new().directory("blobs/").directory("blobs/sha256/");
        self.blobs
            .iter()
            .fold(tar, |tar, (name, content)| tar.file(name, content))
    }

    /// The layout with `index` as its `index.json`.
    #[must_use]
    pub fn finish(&self, index: &Value) -> Tar {
        self.blobs()
            .file("index.json", bytes(index))
            .file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
    }
}

/// An index over `manifests`.
#[must_use]
pub fn index(manifests: &[Value]) -> Value {
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})
}

/// The descriptor of `content`.
#[must_use]
pub fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest::of(content), "size": content.len()})
}

/// `descriptor` with one more key.
#[must_use]
pub fn with(mut descriptor: Value, key: &str, value: Value) -> Value {
    descriptor[key] = value;
    descriptor
}

/// `descriptor` with the name that podman, skopeo and jib give.
#[must_use]
pub fn named(descriptor: Value, ref_name: &str) -> Value {
    with(
        descriptor,
        "annotations",
        json!({"org.opencontainers.image.ref.name": ref_name}),
    )
}

/// The digest in a descriptor.
///
/// # Panics
/// When `descriptor` has none.
#[must_use]
pub fn digest_of(descriptor: &Value) -> String {
    descriptor["digest"]
        .as_str()
        .expect("a descriptor has a digest")
        .to_owned()
}
