//! An image made of the tar of a file system.

mod document;
mod download;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::FutureExt;
use jiff::Timestamp;
use sockerless_archive::{
    Compression, Document, FileSystem, ManifestLayer, Memory, generate, peek, read_file_system,
};
use sockerless_content::StagedBlob;
use sockerless_oci::{Platform, media_type};
use sockerless_reference::Reference;
use sockerless_state::{Addition, Blob, Image, Layer, Origin, Variant};

use self::document::Made;
pub use self::download::ImportConfig;
use crate::body::{self, feed};
use crate::events::ImageEvent;
use crate::load::Fresh;
use crate::places::Turn;
use crate::{Digest, Error, Images, Kind, Progress, RunConfig, journal};
use sockerless_events::Action;

/// What an import makes of a file system.
#[derive(Debug, Clone, Default)]
pub struct ImportRequest {
    /// The name of the new image: `repository[:tag]`; none when empty.
    pub repository: String,
    /// Its tag; wins over one in `repository`.
    pub tag: String,
    /// The comment in its history.
    pub message: String,
    /// Dockerfile instructions that set its config.
    pub changes: Vec<String>,
    /// What it runs on; the daemon's platform when absent.
    pub platform: Option<Platform>,
    /// The `X-Registry-Auth` header as it came, for the staging registry.
    pub auth: Option<String>,
}

/// A request after validation.
struct Wanted {
    name: Option<Reference>,
    message: String,
    run: RunConfig,
    platform: Platform,
    auth: Option<String>,
}

/// What an import made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// The ID of the image.
    pub id: Digest,
    /// Whether the file system looks like an image archive, which should be loaded instead.
    pub is_image_archive: bool,
}

impl Images {
    /// Makes an image of one layer from the tar of a file system, in any compression, and returns
    /// its ID. It is staged as a loaded one is.
    ///
    /// # Errors
    /// [`Kind::InvalidParameter`] for a wrong name or instruction, before any of the body is read;
    /// [`Kind::Internal`] for a body that is not a tar; the registry's error when staging failed.
    /// Nothing of the body is kept then.
    pub async fn import<S, E>(&self, body: S, request: ImportRequest) -> Result<Imported, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let wanted = self.wanted(request, Some("-"))?;
        self.make(body, wanted).await
    }

    /// Validates a request; `source` is where the file system comes from, if that is known already.
    fn wanted(&self, request: ImportRequest, source: Option<&str>) -> Result<Wanted, Error> {
        let invalid = |error: String| Error::new(Kind::InvalidParameter, error);
        let name = match request.repository.is_empty() {
            true => None,
            false => {
                let name = Reference::tag_target(&request.repository, &request.tag);
                Some(name.map_err(|error| invalid(error.to_string()))?)
            }
        };
        let platform = request
            .platform
            .unwrap_or_else(|| self.config.platform.clone());
        let mut run = RunConfig::default();
        sockerless_dockerfile::apply(&mut run, &request.changes, &platform.os)
            .map_err(|error| invalid(error.to_string()))?;
        let message = match (request.message.is_empty(), source) {
            (true, Some(source)) => format!("Imported from {source}"),
            _ => request.message,
        };
        Ok(Wanted {
            name,
            message,
            run,
            platform,
            auth: request.auth,
        })
    }

    async fn make<S, E>(&self, body: S, wanted: Wanted) -> Result<Imported, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let begun = Instant::now();
        let turn = self.loads.turn().await?;
        let file_system = self.receive_file_system(body, turn).await?;
        let is_image_archive = file_system.is_image_archive;
        let Assembly {
            image,
            mut addition,
            staged,
        } = assemble(file_system, &wanted)?;
        if let Some(staging) = &self.config.staging {
            let auth = wanted.auth.as_deref();
            let fresh = Fresh::of(&addition, &staged);
            let parts = self.parts_of_load(&image, &fresh).await?;
            let progress = Progress::none();
            self.stage(staging, auth, &image, &parts, &mut addition, &progress)
                .await?;
        }
        let labels = Arc::new(wanted.run.labels);
        let tagged = wanted.name.iter().map(|name| ImageEvent {
            action: Action::Tag,
            id: image.id.to_string(),
            name: name.familiar().to_owned(),
            labels: Arc::clone(&labels),
        });
        let imported = ImageEvent::of_id(Action::Import, image.id, Arc::clone(&labels));
        let events: Vec<_> = tagged.chain([imported]).collect();
        let images = self.clone();
        let tell = async move { images.publish_images(events).await };
        let nothing = self.retention.pin([]).await;
        self.retention
            .record(staged, addition, tell.boxed(), nothing)
            .await?;
        let layers = image.variants.iter().flat_map(|variant| &variant.layers);
        tracing::info!(
            image = %image.id,
            name = wanted.name.as_ref().map(Reference::familiar),
            bytes = journal::bytes(layers),
            milliseconds = journal::since(begun),
            "file system imported"
        );
        Ok(Imported {
            id: image.id,
            is_image_archive,
        })
    }

    async fn receive_file_system<S, E>(&self, body: S, turn: Turn) -> Result<FileSystem, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (sender, receiver) = body::channel();
        let (limits, content) = (self.config.limits.for_file_system(), self.content.clone());
        let share = self.memory.share_of_import(&self.config.limits);
        let reading = self.on_a_thread(move || {
            let (compression, chunks) = peek(body::chunks(receiver));
            if compression != Compression::None && compression != Compression::Gzip {
                share.take()?;
            }
            read_file_system(chunks, &content, &limits)
        });
        let reading = std::pin::pin!(reading);
        let (fed, read) = futures_util::future::join(feed(body, sender, turn), reading).await;
        fed?;
        Ok(read??)
    }
}

/// The blob and the image that an import is about to record.
struct Assembly {
    image: Image,
    addition: Addition,
    staged: Vec<StagedBlob>,
}

fn assemble(file_system: FileSystem, wanted: &Wanted) -> Result<Assembly, Error> {
    let failed = |error| Error::internal("cannot write the config of the image").with_source(error);
    let FileSystem { staged, layer, .. } = file_system;
    let blob = Blob {
        digest: staged.digest(),
        size: staged.size(),
        media_type: media_type::OCI_LAYER.to_owned(),
        diff_id: layer.diff_id,
        tar_size: layer.size,
        content_size: layer.content_size,
    };
    let created = Timestamp::now();
    let config = Made {
        created,
        message: &wanted.message,
        platform: &wanted.platform,
        run: &wanted.run,
        diff_id: blob.diff_id,
    };
    let config = config.document().map_err(failed)?;
    let manifest_layer = ManifestLayer {
        media_type: blob.media_type.clone(),
        digest: blob.digest,
        size: blob.size,
        urls: Vec::new(),
    };
    let manifest = generate(&config, &[manifest_layer]).map_err(failed)?;
    let variant = Variant {
        platform: wanted.platform.clone(),
        manifest: manifest.digest,
        config: config.digest,
        layers: vec![Layer {
            diff_id: blob.diff_id,
            digest: blob.digest,
            size: blob.size,
            media_type: blob.media_type.clone(),
            urls: Vec::new(),
            content_size: Some(blob.content_size),
        }],
        created: Some(created),
    };
    let image = Image {
        target: manifest.digest,
        media_type: media_type::OCI_MANIFEST.to_owned(),
        size: manifest.bytes.len() as u64,
        id: config.digest,
        origin: Origin::Generated,
        variants: vec![variant],
        documents: Vec::new(),
        blobs: Vec::new(),
        loaded_at: created,
    };
    let documents = [config, manifest].map(|Document { digest, bytes }| (digest, bytes));
    let names = wanted.name.iter().map(|name| (name.clone(), image.target));
    let addition = Addition {
        images: vec![image.clone()],
        documents: documents.into(),
        blobs: vec![blob],
        names: names.collect(),
        tagged_at: Some(created),
        ..Addition::default()
    };
    Ok(Assembly {
        image,
        addition,
        staged: vec![staged],
    })
}
