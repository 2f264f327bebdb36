use std::io;
use std::sync::mpsc::Receiver;

use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;

use super::ingest::Piece;
use super::tar_check::TarCheck;
use crate::Limits;
use crate::blob::{LayerFault, LayerTar};
use crate::decode::{Decoded, Expansion};

/// Decodes compressed layers as they pass by: what each of them is, in their order.
pub(super) fn run(
    pieces: Receiver<Piece>,
    limits: &Limits,
    expansion: Expansion,
) -> Vec<Result<LayerTar, LayerFault>> {
    let mut layers = Vec::new();
    while let Ok(Piece::Begin { .. }) = pieces.recv() {
        let mut over = false;
        let mut chunks = std::iter::from_fn(|| {
            if over {
                return None;
            }
            match pieces.recv() {
                Ok(Piece::Data(chunk)) => return Some(Ok(chunk)),
                Ok(Piece::Begin { .. } | Piece::End) => over = true,
                // The blob's own end is sent whenever it was read whole.
                Err(_) => return Some(Err(io::ErrorKind::BrokenPipe.into())),
            }
            None
        });
        layers.push(inflate(&mut chunks, limits, expansion.clone()));
        // What a fault left unread.
        while let Some(Ok(_)) = chunks.next() {}
    }
    layers
}

fn inflate(
    chunks: impl Iterator<Item = io::Result<bytes::Bytes>>,
    limits: &Limits,
    expansion: Expansion,
) -> Result<LayerTar, LayerFault> {
    let mut hasher = Sha256::new();
    let mut check = TarCheck::new(limits.header_bytes);
    let mut size = 0;
    for chunk in Decoded::new(chunks, limits, expansion)? {
        let chunk = chunk?;
        hasher.update(&chunk);
        check.push(&chunk);
        size += chunk.len() as u64;
    }
    let content_size = check.finish()?;
    Ok(LayerTar {
        diff_id: Digest::from_bytes(hasher.finalize().into()),
        size,
        content_size,
    })
}
