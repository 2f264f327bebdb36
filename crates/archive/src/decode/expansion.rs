use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::DecodeError;
use crate::Compression;
use crate::limits::EXPANSION_FLOOR;

/// Weighs what decoders produce against what was received. A clone weighs the same.
///
/// A stage counts what it produces over all of its streams, and every stage is weighed against the
/// bytes that came over the wire: a bomb in a bomb, or spread over many layers, is one bomb.
#[derive(Debug, Clone)]
pub(crate) struct Expansion {
    received: Arc<AtomicU64>,
    produced: Arc<AtomicU64>,
    ratio: u64,
}

impl Expansion {
    pub(crate) fn new(ratio: u64) -> Self {
        Self {
            received: Arc::default(),
            produced: Arc::default(),
            ratio,
        }
    }

    /// A further stage behind this one, with the same bytes received.
    pub(crate) fn stage(&self) -> Self {
        Self {
            received: Arc::clone(&self.received),
            produced: Arc::default(),
            ratio: self.ratio,
        }
    }

    pub(crate) fn receive(&self, count: usize) {
        self.received.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn produce(
        &self,
        count: usize,
        compression: Compression,
    ) -> Result<(), DecodeError> {
        let produced = self.produced.fetch_add(count as u64, Ordering::Relaxed) + count as u64;
        let received = self.received.load(Ordering::Relaxed);
        if produced <= EXPANSION_FLOOR || produced <= received.saturating_mul(self.ratio) {
            return Ok(());
        }
        Err(DecodeError::Expansion {
            compression,
            received,
            produced,
            limit: self.ratio,
        })
    }
}
