//! The thread that decodes compressed layers.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;

use super::ingest::{Layer, Piece};
use super::tar_check::TarCheck;
use super::tree::PATHS;
use crate::Limits;
use crate::blob::LayerFault;
use crate::decode::{Decoded, Expansion, Trailing};

/// Capacity of the queue of decoded chunks to hash.
const QUEUE: usize = 4;

/// Decodes compressed layers as they pass through, and returns what each of them is, in order.
pub(super) fn run(
    pieces: Receiver<Piece>,
    limits: &Limits,
    expansion: Expansion,
) -> Vec<Result<Layer, LayerFault>> {
    let mut layers = Vec::new();
    let mut room = PATHS;
    while let Ok(Piece::Begin { .. }) = pieces.recv() {
        let mut over = false;
        let mut chunks = std::iter::from_fn(|| {
            if over {
                return None;
            }
            match pieces.recv() {
                Ok(Piece::Data(chunk)) => return Some(Ok(chunk)),
                Ok(Piece::Begin { .. } | Piece::End) => over = true,
                // The blob's end is sent whenever it was read completely.
                Err(_) => return Some(Err(io::ErrorKind::BrokenPipe.into())),
            }
            None
        });
        layers.push(inflate(&mut chunks, limits, expansion.clone(), &mut room));
        // Reads what an error left unread.
        while let Some(Ok(_)) = chunks.next() {}
    }
    layers
}

/// Decodes a layer while another thread hashes it: both take about equally long.
fn inflate(
    chunks: impl Iterator<Item = io::Result<Bytes>>,
    limits: &Limits,
    expansion: Expansion,
    room: &mut usize,
) -> Result<Layer, LayerFault> {
    let chunks = Decoded::new(chunks, limits, expansion, Trailing::Refused)?;
    let mut check = TarCheck::new(limits.header_bytes);
    let mut size = 0;
    let diff_id = thread::scope(|scope| {
        let (sender, decoded) = sync_channel(QUEUE);
        let hashing = scope.spawn(|| hash(decoded));
        for chunk in chunks {
            let chunk = chunk?;
            check.push(&chunk);
            size += chunk.len() as u64;
            // If hashing has ended, its result says why.
            let _ = sender.send(chunk);
        }
        drop(sender);
        let diff_id = hashing.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok::<_, LayerFault>(diff_id)
    })?;
    Ok(Layer::new(diff_id, size, check.finish(room)?))
}

fn hash(chunks: Receiver<Bytes>) -> Digest {
    let mut hasher = Sha256::new();
    for chunk in chunks {
        hasher.update(&chunk);
    }
    Digest::from_bytes(hasher.finalize().into())
}
