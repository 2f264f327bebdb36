//! A tar that is restored by decoding its compressed form in a registry.

use std::io;

use bytes::Bytes;
use futures_util::stream::try_unfold;
use sha2::{Digest as _, Sha256};
use sockerless_archive::{DecodeError, Limits, decode};
use sockerless_reference::Digest;
use sockerless_registry::ByteStream;

use super::{Chunks, RemoteBlob, for_a_thread};

/// The tar of a layer, decoded from the compressed form that a registry has.
#[derive(Debug, Clone)]
pub(crate) struct DecodedTar {
    /// The tar in another encoding.
    pub(crate) from: RemoteBlob,
    /// The digest of the tar.
    pub(crate) digest: Digest,
    /// The bytes of the tar.
    pub(crate) size: u64,
    /// The limits of the decoder.
    pub(crate) limits: Limits,
}

impl DecodedTar {
    /// The tar. It ends with an error if it has another digest or size.
    pub(super) async fn stream(&self) -> io::Result<ByteStream> {
        let chunks = for_a_thread(self.from.stream().await?);
        Ok(decoded(chunks, self.limits, self.digest, self.size))
    }
}

/// Decodes `chunks`, whatever their compression, to the tar with this digest and size.
///
/// Each block is decoded when it is asked for: a reader that stops occupies no thread.
fn decoded(chunks: Chunks, limits: Limits, tar: Digest, size: u64) -> ByteStream {
    let begins = Decoding::Begins {
        chunks,
        limits,
        proof: Proof {
            tar,
            size,
            hasher: Sha256::new(),
            made: 0,
        },
    };
    Box::pin(try_unfold(begins, |decoding| async {
        let next = tokio::task::spawn_blocking(move || decoding.next());
        next.await.map_err(io::Error::other)?
    }))
}

enum Decoding {
    Begins {
        chunks: Chunks,
        limits: Limits,
        proof: Proof,
    },
    Goes {
        blocks: Box<dyn Iterator<Item = Result<Bytes, DecodeError>> + Send>,
        proof: Proof,
    },
}

impl Decoding {
    fn next(self) -> io::Result<Option<(Bytes, Self)>> {
        let (mut blocks, mut proof) = match self {
            Self::Goes { blocks, proof } => (blocks, proof),
            Self::Begins {
                chunks,
                limits,
                proof,
            } => {
                let blocks = decode(chunks, &limits).map_err(unwrapped)?;
                (Box::new(blocks) as Box<_>, proof)
            }
        };
        match blocks.next() {
            Some(block) => {
                let block = block.map_err(unwrapped)?;
                proof.pass(&block)?;
                Ok(Some((block, Self::Goes { blocks, proof })))
            }
            None => proof.end().map(|()| None),
        }
    }
}

/// The expected digest and size of the tar, and those of what was decoded so far.
struct Proof {
    tar: Digest,
    size: u64,
    hasher: Sha256,
    made: u64,
}

impl Proof {
    fn pass(&mut self, block: &[u8]) -> io::Result<()> {
        self.hasher.update(block);
        self.made += block.len() as u64;
        match self.made > self.size {
            true => Err(self.failed()),
            false => Ok(()),
        }
    }

    fn end(mut self) -> io::Result<()> {
        let hasher = std::mem::take(&mut self.hasher);
        let found = Digest::from_bytes(hasher.finalize().into());
        match (found, self.made) == (self.tar, self.size) {
            true => Ok(()),
            false => Err(self.failed()),
        }
    }

    fn failed(&self) -> io::Error {
        let message = format!(
            "what a registry has of layer {} is another layer: expected {} bytes with this digest, \
             found others after {}",
            self.tar, self.size, self.made
        );
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}

/// Returns a registry's error unchanged.
fn unwrapped(error: DecodeError) -> io::Error {
    match error {
        DecodeError::Source(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;

    async fn read(compressed: &[u8], tar: Digest, size: u64) -> io::Result<Vec<u8>> {
        let chunks: Vec<_> = compressed.chunks(7).map(Bytes::copy_from_slice).collect();
        let chunks = Box::new(chunks.into_iter().map(Ok));
        let pieces: Vec<Bytes> = decoded(chunks, Limits::default(), tar, size)
            .try_collect()
            .await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn it_is_the_tar_or_an_error() {
        let tar: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let compressed = zstd::encode_all(&tar[..], 1).expect("zstd");
        let (digest, size) = (Digest::of(&tar), tar.len() as u64);
        let made = read(&compressed, digest, size).await.expect("whole");
        assert!(made == tar);
        for (digest, size) in [
            (Digest::of("another"), size),
            (digest, size - 1),
            (digest, size + 1),
        ] {
            let error = read(&compressed, digest, size).await.expect_err("another");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert!(error.to_string().contains(&digest.to_string()), "{error}");
        }
        let half = &compressed[..compressed.len() / 2];
        let error = read(half, digest, size).await.expect_err("half of it");
        assert!(error.to_string().contains("ends in the middle"), "{error}");
    }
}
