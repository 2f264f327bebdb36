//! Containers of images that the tests put into the state directly.

mod creating;
mod listing;
mod pulling;
mod removing;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use sockerless_content::ContentStore;
use sockerless_oci::Platform;
use sockerless_state::{Addition, Image, Origin, Removal, Removed, SqliteStore, Staged, Variant};

use super::*;
use crate::Containers;
use sockerless_images::{
    ClientLimits, Config, ImportConfig, Kind, Limits, RegistryConfig, StagingConfig,
};
use sockerless_reference::{Digest, Reference};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn linux(architecture: &str) -> Platform {
    Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        ..Platform::default()
    }
}

async fn containers_with(staging: Option<&str>) -> Containers {
    let config = Config {
        platform: linux("amd64"),
        limits: Limits::default(),
        staging: staging.map(|name| StagingConfig::new(name).expect("a repository")),
        cache_size: None,
        clients: ClientLimits::default(),
        import: ImportConfig {
            max_download_bytes: 0,
            allow_local: false,
        },
        share_credentials: false,
        registry: RegistryConfig::default(),
    };
    let state = SqliteStore::in_memory().await.expect("state");
    let state = Arc::new(state);
    let images =
        sockerless_images::Images::new(config, Arc::clone(&state) as _, ContentStore::discarding());
    Containers::new(images, state)
}

async fn containers() -> Containers {
    containers_with(None).await
}

/// An image and its documents, without layers.
struct Sample {
    image: Image,
    addition: Addition,
}

impl Sample {
    /// An image of one manifest for linux/amd64 with this `config` object.
    fn new(config: Value) -> Self {
        let mut sample = Self::documents(&[("amd64", config)]);
        sample.image.target = sample.image.variants[0].manifest;
        sample
    }

    /// An image of an index with one manifest for each architecture.
    fn index(seed: &str, architectures: &[&str]) -> Self {
        let config = |architecture: &&str| json!({ "Cmd": ["run", seed, architecture] });
        let variants = architectures.iter().map(|a| (*a, config(a)));
        let mut sample = Self::documents(&variants.collect::<Vec<_>>());
        let index = format!("{{\"index of\":\"{seed}\"}}");
        sample.image.target = sample.document(index);
        INDEX.clone_into(&mut sample.image.media_type);
        sample
    }

    fn documents(variants: &[(&str, Value)]) -> Self {
        let image = Image {
            target: Digest::of(""),
            media_type: MANIFEST.to_owned(),
            size: 0,
            id: Digest::of(""),
            origin: Origin::Original,
            variants: Vec::new(),
            documents: Vec::new(),
            blobs: Vec::new(),
            loaded_at: Timestamp::UNIX_EPOCH,
        };
        let mut sample = Self {
            image,
            addition: Addition::default(),
        };
        for (architecture, config) in variants {
            let config = json!({
                "os": "linux", "architecture": architecture, "config": config,
                "rootfs": { "type": "layers", "diff_ids": [] },
            });
            let config = sample.document(config.to_string());
            let manifest = json!({ "mediaType": MANIFEST, "config": config, "layers": [] });
            let manifest = manifest.to_string();
            sample.image.size = manifest.len() as u64;
            let manifest = sample.document(manifest);
            sample.image.variants.push(Variant {
                platform: linux(architecture),
                manifest,
                config,
                layers: Vec::new(),
                created: None,
            });
        }
        sample.image.id = sample.image.variants[0].config;
        sample
    }

    fn document(&mut self, text: String) -> Digest {
        let digest = Digest::of(&text);
        self.addition.documents.push((digest, text.into()));
        digest
    }

    /// ID of the default variant.
    fn id(&self) -> Digest {
        self.image.id
    }

    /// Gives it a name.
    fn named(mut self, name: &str) -> Self {
        let name = name.parse().expect("a name");
        self.addition.names.push((name, self.image.target));
        self
    }

    /// Says that it can be pulled under this repository and digest.
    fn from(mut self, repository: &str, digest: Digest) -> Self {
        let name = format!("{repository}@{digest}").parse().expect("a name");
        self.addition.repo_digests.push((name, self.image.target));
        self
    }

    /// Says that its variant `index` is staged, as a manifest with the text `manifest`.
    fn staged(mut self, repository: &str, index: usize, manifest: &str) -> Self {
        let manifest = self.document(manifest.to_owned());
        self.addition.staged.push(Staged {
            target: self.image.target,
            config: self.image.variants[index].config,
            repository: repository.to_owned(),
            manifest,
        });
        self
    }

    async fn add_to(self, containers: &Containers) -> Image {
        let addition = Addition {
            images: vec![self.image.clone()],
            ..self.addition
        };
        containers.state.add(addition).await.expect("added");
        self.image
    }
}

/// A request for a container of `image` with this name.
fn request(image: &str, name: &str) -> CreateContainer {
    CreateContainer {
        image: image.to_owned(),
        name: name.to_owned(),
        ..CreateContainer::default()
    }
}

async fn create(containers: &Containers, image: &str, name: &str) -> ContainerRow {
    let created = containers.create(request(image, name)).await;
    let id = created.expect("created").id;
    containers.get(&id).await.expect("here")
}

/// The kind and the message of an error.
fn refused<T: std::fmt::Debug>(result: Result<T, sockerless_images::Error>) -> (Kind, String) {
    let error = result.expect_err("refused");
    (error.kind(), error.message().to_owned())
}

/// Removes an image with all its names.
async fn remove_image(containers: &Containers, name: &str) {
    let found = containers.images.inspect(name, None).await.expect("found");
    let removal = Removal {
        id: found.image.id,
        names: found.names,
        repo_digests: found.repo_digests,
        images: true,
        although_used: true,
    };
    let removed = containers.state.remove(&removal).await.expect("answered");
    assert!(matches!(removed, Removed::Done { .. }), "{removed:?}");
}
