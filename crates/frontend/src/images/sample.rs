//! An image for tests of responses that show images.

use jiff::Timestamp;
use sockerless_images::{Digest, Found, Image, Layer, Origin, Platform, Variant};

/// An image with this config and one layer of 7 bytes, 12 when it is unpacked.
pub(crate) fn found(config: &str, names: &[&str]) -> Found {
    let layer = Layer {
        diff_id: Digest::of("tar"),
        digest: Digest::of("blob"),
        size: 7,
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        urls: Vec::new(),
        content_size: Some(12),
    };
    let variant = Variant {
        platform: Platform::default(),
        manifest: Digest::of("manifest"),
        config: Digest::of(config),
        layers: vec![layer],
        created: None,
    };
    let image = Image {
        target: Digest::of("manifest"),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        size: 8,
        id: Digest::of(config),
        origin: Origin::Original,
        variants: vec![variant],
        documents: Vec::new(),
        blobs: Vec::new(),
        loaded_at: Timestamp::UNIX_EPOCH,
    };
    Found {
        image,
        variant: 0,
        config: config.to_owned().into(),
        names: names
            .iter()
            .map(|name| name.parse().expect("a name"))
            .collect(),
        repo_digests: Vec::new(),
        last_tagged_at: None,
        content_size: Some(12),
    }
}
