use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::DecodeError;
use crate::limits::EXPANSION_FLOOR;
use crate::{Compression, Limits};

/// Weighs what decoders produce against what was received. A clone weighs the same.
///
/// A stage counts what it produces over all of its streams, and every stage is weighed against the
/// bytes that came over the wire: a bomb in a bomb, or spread over many layers, is one bomb. The
/// streams of all stages are counted together.
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

    /// A further stage behind this one, with the same bytes received.
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

    /// Counts what came out of a stream.
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

    /// Counts a stream that cost as much as `cost` bytes that come out, and produced fewer.
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

    /// Whether this much more is in proportion; else how much was received and produced.
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
