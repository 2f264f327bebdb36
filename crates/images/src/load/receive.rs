//! Receives and reads the archive of a load, and starts the early uploads of its layers.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::FutureExt;
use sockerless_archive::{Archive, ReadOptions};
use sockerless_content::StagedBlob;
use sockerless_oci::Platform;
use sockerless_reference::Digest;
use tokio::sync::mpsc;

use super::early::{self, ArrivedLayer};
use crate::body::{self, feed};
use crate::memory::Share;
use crate::places::Turn;
use crate::{Error, Images};

impl Images {
    /// Reads the archive on a thread of its own while its bytes arrive; layers are uploaded to the
    /// staging registry meanwhile. Returns the digests of those that were, too.
    pub(super) async fn receive<S, E>(
        &self,
        body: S,
        only: Option<Platform>,
        auth: Option<&str>,
        turn: Turn,
        share: &Arc<Share>,
    ) -> Result<(Archive, HashSet<Digest>), Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (sender, receiver) = body::channel();
        let (arrived, layers) = mpsc::channel(early::QUEUE);
        let stages = self.stages();
        let (config, content) = (self.config.clone(), self.content.clone());
        let share = Arc::clone(share);
        let reading = tokio::task::spawn_blocking(move || {
            let preferred = config.platform.clone();
            let tell = |blob: &StagedBlob, compression| {
                if let Some(path) = blob.path().filter(|_| stages) {
                    let (digest, size) = (blob.digest(), blob.size());
                    let path = path.to_owned();
                    // When the queue is full, it is uploaded later with its image.
                    let _ = arrived.try_send(ArrivedLayer {
                        digest,
                        size,
                        compression,
                        path,
                    });
                }
            };
            let (chunks, limits) = (body::chunks(receiver), &config.limits);
            let options = ReadOptions {
                limits,
                preferred: &preferred,
                only: only.as_ref(),
                arrived: &tell,
                memory: &*share,
            };
            sockerless_archive::read(chunks, &content, &options)
        });
        let read = async {
            let fed = feed(body, sender, turn).await;
            let read = reading.await.map_err(|error| {
                Error::internal("the thread that reads the archive has panicked").with_source(error)
            });
            fed.and(read)
        };
        let mut uploading = self.upload_early(auth, layers).boxed();
        let mut uploaded = None;
        let mut read = std::pin::pin!(read);
        let archive = loop {
            tokio::select! {
                archive = read.as_mut() => break archive?,
                early = uploading.as_mut(), if uploaded.is_none() => uploaded = Some(early),
            }
        };
        let archive = archive.map_err(refused)?;
        let uploaded = match uploaded {
            Some(uploaded) => uploaded,
            None => uploading.await,
        };
        Ok((archive, uploaded))
    }
}

/// An error of the archive, with a hint about what the user may have meant.
fn refused(error: sockerless_archive::Error) -> Error {
    use sockerless_archive::{DecodeError, Error as E};
    let is_window = matches!(
        &error,
        E::Decode {
            source: DecodeError::Window { .. }
        }
    );
    match is_window {
        // File systems are often compressed with `xz -9`, and an import may use a larger window.
        true => Error::from(error).with_hint(
            "raise --max-window-bytes, or, if this is a root file system and not an image \
             archive, use `docker import`",
        ),
        false => error.into(),
    }
}
