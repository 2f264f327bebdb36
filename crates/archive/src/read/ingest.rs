//! The thread that hashes and writes blobs.

use std::sync::mpsc::{Receiver, SyncSender};

use bytes::Bytes;
use sockerless_content::{BlobWriter, ContentStore, StagedBlob};
use sockerless_reference::Digest;

use super::tar_check::{Checked, TarCheck};
use super::tree::{HardLink, PATHS, Paths};
use crate::blob::{Blob, LayerFault, LayerTar};
use crate::compression::MAGIC_BYTES;
use crate::memory::take_for;
use crate::{Compression, Error, Limits, Memory};

/// Called with each file that may be a layer as soon as its last byte is hashed.
pub(crate) type Arrived<'a> = &'a (dyn Fn(&StagedBlob, Compression) + Sync);

/// A piece of the stream of blobs.
#[derive(Debug)]
pub(super) enum Piece {
    /// A blob begins.
    Begin {
        /// Its size in bytes.
        size: u64,
    },
    /// Its next bytes.
    Data(Bytes),
    /// The blob is complete.
    End,
}

/// A written blob, whose layer may still be being decoded.
#[derive(Debug)]
pub(super) struct Ingested {
    staged: StagedBlob,
    compression: Compression,
    /// `None` if it is compressed: then the other thread has it.
    layer: Option<Result<Layer, LayerFault>>,
    start: Bytes,
}

/// A blob read as a layer.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The tar.
    pub(crate) tar: LayerTar,
    /// Its hard links to files outside the layer.
    pub(crate) elsewhere: Vec<HardLink>,
    /// Its paths, if they are known.
    pub(crate) paths: Option<Paths>,
}

impl Layer {
    pub(super) fn new(diff_id: Digest, size: u64, checked: Checked) -> Self {
        Self {
            tar: LayerTar {
                diff_id,
                size,
                content_size: checked.content_size,
            },
            elsewhere: checked.elsewhere,
            paths: checked.paths,
        }
    }
}

/// Hashes and writes blobs, and passes compressed ones on to be decoded.
pub(super) fn run(
    pieces: Receiver<Piece>,
    content: &ContentStore,
    inflate: SyncSender<Piece>,
    limits: &Limits,
    (arrived, memory): (Arrived<'_>, &dyn Memory),
) -> Result<Vec<Ingested>, Error> {
    let mut ingested = Vec::new();
    let mut room = PATHS;
    while let Ok(Piece::Begin { size }) = pieces.recv() {
        let mut ingest = Ingest::new(content, size, (&inflate, memory), limits)?;
        loop {
            match pieces.recv() {
                Ok(Piece::Data(bytes)) => ingest.push(bytes)?,
                Ok(Piece::Begin { .. } | Piece::End) => break,
                // The walk failed and returns the error.
                Err(_) => return Ok(Vec::new()),
            }
        }
        let blob = ingest.finish(&mut room)?;
        // A compressed blob may turn out not to be a layer; an uncompressed one is known by now.
        if !matches!(blob.layer, Some(Err(_))) {
            arrived(&blob.staged, blob.compression);
        }
        ingested.push(blob);
    }
    Ok(ingested)
}

/// Combines the results of both threads.
pub(super) fn join(
    ingested: Vec<Ingested>,
    inflated: Vec<Result<Layer, LayerFault>>,
) -> Result<Vec<Blob>, Error> {
    let mut inflated = inflated.into_iter();
    let mut blobs = Vec::with_capacity(ingested.len());
    for Ingested {
        staged,
        compression,
        layer,
        start,
    } in ingested
    {
        let layer = match layer {
            Some(layer) => layer,
            None => inflated.next().ok_or(Error::Panicked)?,
        };
        blobs.push(Blob::new(staged, compression, layer, start));
    }
    Ok(blobs)
}

struct Ingest<'a> {
    writer: BlobWriter,
    size: u64,
    inflate: &'a SyncSender<Piece>,
    memory: &'a dyn Memory,
    /// The first bytes, until there are enough to detect the compression.
    start: Vec<u8>,
    compression: Option<Compression>,
    check: TarCheck,
}

impl<'a> Ingest<'a> {
    fn new(
        content: &ContentStore,
        size: u64,
        (inflate, memory): (&'a SyncSender<Piece>, &'a dyn Memory),
        limits: &Limits,
    ) -> Result<Self, Error> {
        let writer = content.writer(Some(size));
        let check = TarCheck::new(limits.header_bytes);
        Ok(Self {
            writer,
            size,
            inflate,
            memory,
            start: Vec::new(),
            compression: None,
            check,
        })
    }

    fn push(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.writer.write(bytes.clone())?;
        if self.compression.is_some() {
            return self.pass(bytes);
        }
        let missing = MAGIC_BYTES - self.start.len();
        let wanted = bytes.len().min(missing);
        self.start.extend_from_slice(&bytes[..wanted]);
        if self.start.len() == MAGIC_BYTES {
            self.decide()?;
            self.pass(bytes.slice(wanted..))?;
        }
        Ok(())
    }

    /// Detects the compression from the first bytes and passes them on.
    fn decide(&mut self) -> Result<(), Error> {
        let compression = Compression::detect(&self.start);
        self.compression = Some(compression);
        if compression != Compression::None {
            take_for(compression, self.memory)?;
            self.send(Piece::Begin { size: self.size })?;
        }
        self.pass(Bytes::copy_from_slice(&self.start))
    }

    fn pass(&mut self, bytes: Bytes) -> Result<(), Error> {
        if self.compression == Some(Compression::None) {
            self.check.push(&bytes);
            return Ok(());
        }
        self.send(Piece::Data(bytes))
    }

    fn send(&self, piece: Piece) -> Result<(), Error> {
        self.inflate.send(piece).map_err(|_| Error::Panicked)
    }

    fn finish(mut self, room: &mut usize) -> Result<Ingested, Error> {
        if self.compression.is_none() {
            self.decide()?;
        }
        let compression = self.compression.unwrap_or(Compression::None);
        if compression != Compression::None {
            self.send(Piece::End)?;
        }
        let staged = self.writer.finish()?;
        let layer = (compression == Compression::None).then(|| {
            let checked = self.check.finish(room)?;
            Ok(Layer::new(staged.digest(), staged.size(), checked))
        });
        Ok(Ingested {
            staged,
            compression,
            layer,
            start: self.start.into(),
        })
    }
}
