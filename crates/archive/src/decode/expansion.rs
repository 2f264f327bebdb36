//! The defence against compression bombs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::DecodeError;
use crate::limits::EXPANSION_FLOOR;
use crate::{Compression, Limits};

/// Compares the output of decoders with the bytes received. Clones share the counts.
///
/// A stage counts the output of all of its streams, and every stage is compared with the bytes
/// received over the wire: so nested bombs, or one spread over many layers, are found. The streams
/// of all stages are counted together.
#[derive(Debug, Clone)]
pub(crate) struct Expansion {
    received: Arc<AtomicU64>,
    produced: Arc<AtomicU64>,
    streams: Arc<AtomicU64>,
    ratio: u64,
    most_streams: u64,
}

impl Expansion {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            received: Arc::default(),
            produced: Arc::default(),
            streams: Arc::default(),
            ratio: limits.expansion_ratio,
            most_streams: limits.compressed_streams,
        }
    }

    /// Another stage after this one, with the same bytes received.
    pub(crate) fn stage(&self) -> Self {
        Self {
            produced: Arc::default(),
            ..self.clone()
        }
    }

    pub(crate) fn receive(&self, count: usize) {
        self.received.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Counts a stream that begins.
    pub(super) fn begin(&self, compression: Compression) -> Result<(), DecodeError> {
        let streams = self.streams.fetch_add(1, Ordering::Relaxed) + 1;
        if streams <= self.most_streams {
            return Ok(());
        }
        Err(DecodeError::Streams {
            compression,
            limit: self.most_streams,
        })
    }

    /// Counts the output of a stream.
    pub(super) fn produce(
        &self,
        count: usize,
        compression: Compression,
    ) -> Result<(), DecodeError> {
        self.weigh(count as u64)
            .map_err(|(received, produced)| DecodeError::Expansion {
                compression,
                received,
                produced,
                limit: self.ratio,
            })
    }

    /// Counts a stream that cost as much as `cost` bytes of output, and produced fewer.
    pub(super) fn spend(
        &self,
        cost: u64,
        produced: u64,
        compression: Compression,
    ) -> Result<(), DecodeError> {
        self.weigh(cost.saturating_sub(produced))
            .map_err(|(received, _)| DecodeError::TinyStreams {
                compression,
                received,
                streams: self.streams.load(Ordering::Relaxed),
                limit: self.ratio,
            })
    }

    /// Counts this much more output. If it is out of proportion, the error is how much was received
    /// and produced.
    pub(crate) fn weigh(&self, count: u64) -> Result<(), (u64, u64)> {
        let produced = self
            .produced
            .fetch_add(count, Ordering::Relaxed)
            .saturating_add(count);
        let received = self.received.load(Ordering::Relaxed);
        if produced <= EXPANSION_FLOOR || produced <= received.saturating_mul(self.ratio) {
            return Ok(());
        }
        Err((received, produced))
    }
}
