//! Pushes single layers: find, mount, encode or upload.

use sockerless_archive::ManifestLayer;
use sockerless_oci::media_type;
use sockerless_reference::Digest;
use sockerless_registry::{BlobPush, ErrorKind, NewBlob, Progress as Told, Source};
use sockerless_state::Layer;

use super::Destination;
use super::plan::Plan;
use crate::encode::Encoding;
use crate::layer_source::LayerSource;
use crate::progress::{LayerStep, Progress, Update};
use crate::{Error, Images, Kind};

/// How a layer appears in the progress.
#[derive(Debug, Clone, Copy)]
struct Shown {
    id: Digest,
    /// It was uploaded early for this image.
    early: bool,
}

impl Images {
    /// Brings a layer into the repository and returns its entry for the manifest. `early`: it was
    /// uploaded before for this image, so finding it there completes that upload.
    pub(super) async fn send(
        &self,
        layer: &Layer,
        plan: Plan,
        early: bool,
        to: &Destination,
        progress: &Progress,
    ) -> Result<ManifestLayer, Error> {
        let id = layer.diff_id;
        let shown = Shown { id, early };
        let as_it_is = || ManifestLayer {
            media_type: layer.media_type.clone(),
            digest: layer.digest,
            size: layer.size,
            urls: layer.urls.clone(),
        };
        match plan {
            Plan::Foreign => {
                progress.layer(id, LayerStep::Exists).await;
                Ok(as_it_is())
            }
            Plan::AsItIs(source) => {
                self.send_blob(shown, layer.digest, layer.size, source, to, progress)
                    .await?;
                let mut sent = as_it_is();
                if to.form != super::Form::Keep {
                    // Manifests that are made here have OCI's media types.
                    sent.media_type = oci_media_type(&sent.media_type);
                }
                Ok(sent)
            }
            Plan::Encoded {
                encoding,
                known,
                known_at,
                source,
            } => {
                let blob = match known {
                    Some(known) if self.has(to, known.digest, known.size).await? => {
                        progress.present(shown, layer.size).await;
                        NewBlob {
                            digest: known.digest,
                            size: known.size,
                        }
                    }
                    Some(known) if is_nearer(known_at.as_ref(), source.as_ref(), to) => {
                        let (digest, size) = (known.digest, known.size);
                        self.send_blob(shown, digest, size, known_at, to, progress)
                            .await?;
                        NewBlob { digest, size }
                    }
                    _ => {
                        let source = source.ok_or_else(|| nowhere(layer.digest))?;
                        let source = self.sound(source, layer.digest, layer.size).await?;
                        // As in Docker, progress counts the bytes read, not those sent.
                        let told = told(id, layer.size, progress);
                        let encoded = source.encoded(encoding, self.config.limits, told);
                        self.send_new(id, &encoded, to, progress).await?
                    }
                };
                self.remember(layer, encoding, blob, to).await?;
                Ok(ManifestLayer {
                    media_type: encoding.media_type().to_owned(),
                    digest: blob.digest,
                    size: blob.size,
                    urls: Vec::new(),
                })
            }
        }
    }

    /// Sends a blob whose digest is known, unless the repository has it or can mount it.
    async fn send_blob(
        &self,
        shown: Shown,
        digest: Digest,
        size: u64,
        source: Option<LayerSource>,
        to: &Destination,
        progress: &Progress,
    ) -> Result<(), Error> {
        let from = self.mount_from(digest, source.as_ref(), to).await?;
        // A push checks for the blob itself. Before a mount, a verification of the file, or no push
        // at all it has to be done here.
        let is_kept = |source: &LayerSource| self.is_kept(source, digest);
        let asks = from.is_some() || source.as_ref().is_none_or(is_kept);
        if asks && self.has(to, digest, size).await? {
            progress.present(shown, size).await;
            return self.located(digest, to).await;
        }
        if let Some(from) = from
            && to
                .repository
                .mount_blob(&digest, &from)
                .await
                .map_err(Error::registry)?
        {
            progress.layer(shown.id, LayerStep::MountedFrom(from)).await;
            return self.located(digest, to).await;
        }
        let source = source.ok_or_else(|| nowhere(digest))?;
        let source = self.sound(source, digest, size).await?.as_it_is();
        let told = Told::new(told(shown.id, size, progress));
        let pushed = to.repository.push_blob(&digest, size, &source, &told).await;
        match pushed.map_err(Error::registry)? {
            BlobPush::Present => progress.present(shown, size).await,
            BlobPush::Uploaded => progress.layer(shown.id, LayerStep::Pushed).await,
        }
        self.located(digest, to).await
    }

    /// Sends a blob whose digest is only known after its last byte.
    async fn send_new(
        &self,
        id: Digest,
        source: &Source,
        to: &Destination,
        progress: &Progress,
    ) -> Result<NewBlob, Error> {
        let blob = match to.repository.push_new_blob(source, &Told::none()).await {
            Err(error) if error.kind() == ErrorKind::LengthRequired => {
                // Encoded twice instead of kept on disk: the same content gives the same bytes.
                let blob = measure(source).await?;
                let (digest, size) = (blob.digest, blob.size);
                let none = Told::none();
                let pushed = to.repository.push_blob(&digest, size, source, &none).await;
                pushed.map(|_| blob)
            }
            other => other,
        };
        let blob = blob.map_err(Error::registry)?;
        progress.layer(id, LayerStep::Pushed).await;
        Ok(blob)
    }

    async fn has(&self, to: &Destination, digest: Digest, size: u64) -> Result<bool, Error> {
        let found = to
            .repository
            .head_blob(&digest)
            .await
            .map_err(Error::registry)?;
        Ok(found == Some(size))
    }

    /// Another repository of the same registry that has the blob.
    async fn mount_from(
        &self,
        digest: Digest,
        source: Option<&LayerSource>,
        to: &Destination,
    ) -> Result<Option<String>, Error> {
        let mut candidates = Vec::new();
        if let Some(LayerSource::Remote(blob)) = source
            && blob.repository.host() == to.repository.host()
        {
            candidates.push(blob.repository.path().to_owned());
        }
        let host = format!("{}/", to.repository.host());
        for (_, name) in self.state.locations(&[digest]).await? {
            candidates.extend(name.strip_prefix(&host).map(str::to_owned));
        }
        Ok(candidates
            .into_iter()
            .find(|path| path != to.repository.path()))
    }

    /// Records the encoded form of a layer, so that it is never encoded or sent again.
    async fn remember(
        &self,
        layer: &Layer,
        encoding: Encoding,
        blob: NewBlob,
        to: &Destination,
    ) -> Result<(), Error> {
        let encoding = sockerless_state::Encoding {
            diff_id: layer.diff_id,
            encoding: encoding.name().to_owned(),
            digest: blob.digest,
            size: blob.size,
        };
        Ok(self
            .state
            .remember(&[encoding], &[(blob.digest, to.name.clone())])
            .await?)
    }

    async fn located(&self, digest: Digest, to: &Destination) -> Result<(), Error> {
        Ok(self
            .state
            .remember(&[], &[(digest, to.name.clone())])
            .await?)
    }
}

impl Progress {
    /// Reports that the repository has a layer: it had it before, or it was uploaded early, which
    /// is reported now.
    async fn present(&self, shown: Shown, size: u64) {
        let Shown { id, early } = shown;
        if !early {
            return self.layer(id, LayerStep::Exists).await;
        }
        let step = LayerStep::Pushing {
            current: size,
            total: Some(size),
        };
        self.layer(id, step).await;
        self.layer(id, LayerStep::Pushed).await;
    }
}

fn told(id: Digest, total: u64, progress: &Progress) -> impl Fn(u64) + Clone + use<> {
    let progress = progress.clone();
    move |current| {
        let step = LayerStep::Pushing {
            current,
            total: Some(total),
        };
        progress.hint(Update::Layer { id, step });
    }
}

/// Whether a layer that was encoded before should be taken from where it is instead of being
/// encoded again: if the registry can mount it, or if the content would have to be fetched anyway.
/// What is here is not fetched from another registry.
fn is_nearer(
    known_at: Option<&LayerSource>,
    content: Option<&LayerSource>,
    to: &Destination,
) -> bool {
    let is_here = matches!(content, Some(LayerSource::File(_) | LayerSource::Empty));
    let Some(blob) = known_at.and_then(LayerSource::remote) else {
        return false;
    };
    !is_here || blob.repository.host() == to.repository.host()
}

fn nowhere(digest: Digest) -> Error {
    let message = format!(
        "layer {digest} is not kept here, and no registry that is known to have had it has it now"
    );
    Error::new(Kind::NotFound, message)
}

/// OCI's media type for a layer with Docker's.
fn oci_media_type(docker: &str) -> String {
    match docker {
        media_type::DOCKER_LAYER_GZIP => Encoding::Gzip.media_type(),
        media_type::DOCKER_LAYER_ZSTD => Encoding::Zstd.media_type(),
        media_type::DOCKER_LAYER => Encoding::Plain.media_type(),
        other => other,
    }
    .to_owned()
}

/// Reads a source to its end to know its digest and size.
async fn measure(source: &Source) -> Result<NewBlob, Error> {
    use futures_util::StreamExt;
    use sha2::Digest as _;

    let failed = |error: std::io::Error| {
        Error::internal(format!("cannot encode a layer: {error}")).with_source(error)
    };
    let mut stream = source.open().await.map_err(failed)?;
    let (mut hasher, mut size) = (sha2::Sha256::new(), 0);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(failed)?;
        hasher.update(&piece);
        size += piece.len() as u64;
    }
    Ok(NewBlob {
        digest: Digest::from_bytes(hasher.finalize().into()),
        size,
    })
}
