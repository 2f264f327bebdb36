//! The stream of a saved archive, which is made while the client reads it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use sha2::{Digest as _, Sha256};
use sockerless_archive::write::{Content, Member, end, plan};
use sockerless_reference::Digest;
use tokio::sync::{mpsc, oneshot};

use super::file;
use super::plan::Plan;
use crate::layer_source::LayerSource;
use crate::places::Turn;
use crate::{Error, Images};
use sockerless_events::Action;

/// Pieces in the queue between the reader of the blobs and the connection.
const QUEUE: usize = 2;

type Sender = mpsc::Sender<Result<Bytes, Error>>;

/// The bytes of an archive. It occupies a place of saves until it is dropped.
#[derive(Debug)]
pub struct SavedArchive {
    pieces: mpsc::Receiver<Result<Bytes, Error>>,
    turn: Turn,
}

impl SavedArchive {
    /// Reports when the place is lost because the client reads too slowly: the caller must not wait
    /// for the client any longer then. Closed when this is dropped. To be called once.
    pub fn revoked(&mut self) -> oneshot::Receiver<()> {
        self.turn.revoked()
    }
}

impl Stream for SavedArchive {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // A caller that asks for the next piece has sent the last one.
        self.turn.moved(0);
        let piece = ready!(self.pieces.poll_recv(cx));
        if let Some(Ok(bytes)) = &piece {
            self.turn.moved(bytes.len() as u64);
            self.turn.wait();
        }
        Poll::Ready(piece)
    }
}

/// Why the writing stopped early.
enum Stopped {
    /// The reader is gone.
    Left,
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Images {
    /// The bytes of an archive. They are fetched while they are read, until the stream is dropped.
    pub(super) fn write_archive(&self, plan: Plan, turn: Turn) -> SavedArchive {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let images = self.clone();
        tokio::spawn(async move {
            let left = sender.clone();
            let written = tokio::select! {
                written = images.write(plan, &sender) => written,
                () = left.closed() => Err(Stopped::Left),
            };
            if let Err(Stopped::Failed(error)) = written {
                // The receiver may be gone, and needs no reason then.
                let _ = sender.send(Err(error)).await;
            }
            // What was fetched is kept, and what was pinned no longer is.
            images.retention.shrink_soon();
        });
        SavedArchive {
            pieces: receiver,
            turn,
        }
    }

    async fn write(&self, plan: Plan, sender: &Sender) -> Result<(), Stopped> {
        for member in members(&plan)? {
            send(sender, member.header()).await?;
            match member.content() {
                Content::Folder => {}
                Content::Bytes(bytes) => send(sender, bytes.clone()).await?,
                Content::Blob { digest, size } => {
                    let (_, source) = plan
                        .blobs
                        .get(digest)
                        .ok_or_else(|| Error::internal(format!("blob {digest} has no source")))?;
                    self.copy(*digest, *size, source, sender).await?;
                }
            }
            send(sender, member.padding()).await?;
        }
        send(sender, end()).await?;
        self.publish_of_configs(Action::Save, plan.saved.clone())
            .await;
        Ok(())
    }

    /// Sends a blob and verifies it. The last piece is held back until then: a reader gets either
    /// the whole blob or an archive that ends in the middle of it.
    async fn copy(
        &self,
        digest: Digest,
        size: u64,
        source: &LayerSource,
        sender: &Sender,
    ) -> Result<(), Stopped> {
        let failed = |error| Error::unreadable(digest, error);
        // It is verified while it is sent too, but then it is too late to use another source.
        let source = match self.is_kept(source, digest) && self.may_be_elsewhere(digest).await? {
            true => &self.sound(source.clone(), digest, size).await?,
            false => source,
        };
        let mut pieces = match source {
            LayerSource::File(path) => file::blocks(path.clone()),
            elsewhere => self
                .passing(digest, size, elsewhere)
                .await
                .map_err(failed)?,
        };
        let mut hasher = Sha256::new();
        let mut sent = 0;
        let mut held = Bytes::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(failed)?;
            hasher.update(&piece);
            sent += piece.len() as u64;
            if sent > size {
                break;
            }
            send(sender, std::mem::replace(&mut held, piece)).await?;
        }
        let found = Digest::from_bytes(hasher.finalize().into());
        if sent != size || found != digest {
            let message = format!(
                "blob {digest} is damaged: expected {size} bytes with this digest, found {sent} bytes \
                 with {found}"
            );
            return Err(Error::internal(message).into());
        }
        send(sender, held).await
    }
}

fn members(wanted: &Plan) -> Result<Vec<Member>, Error> {
    let blobs = wanted.blobs.iter();
    let blobs = blobs.map(|(digest, (size, _))| (*digest, *size));
    plan(&wanted.images, wanted.documents.iter().cloned(), blobs).map_err(|error| {
        Error::internal("cannot write the documents of the archive").with_source(error)
    })
}

async fn send(sender: &Sender, bytes: Bytes) -> Result<(), Stopped> {
    if bytes.is_empty() {
        return Ok(());
    }
    sender.send(Ok(bytes)).await.map_err(|_| Stopped::Left)
}
