//! Reading an archive in one pass.
//!
//! Three threads work on it: this one decodes the stream and walks the tar, the second hashes and
//! writes the blobs, the third decodes layers that are compressed inside the archive. Chunks are
//! passed on without being copied; full queues block the sender.

mod file_system;
mod guess;
mod inflate;
mod ingest;
mod members;
mod path;
mod tar_check;
mod tree;

pub use file_system::{FileSystem, read_file_system};
pub(crate) use ingest::{Arrived, Layer};
pub use members::Document;
pub(crate) use members::{Member, Members, Resolved};
pub(crate) use path::clean;

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use bytes::Bytes;
use sockerless_content::ContentStore;

use crate::decode::{Decoded, Expansion, Trailing};
use crate::memory::{SMALL_DOCUMENTS, take_for};
use crate::tar::{Entry, EntryKind, Event, TarError, Walker};
use crate::{Error, Limits, Memory, peek};
use ingest::Piece;

/// Capacity of a queue between two threads, in chunks: enough to keep both busy, and a bound on
/// memory.
const QUEUE: usize = 4;

/// Zeros passed on at a time for a hole.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// A contiguous file on some systems; otherwise a normal file.
const CONTIGUOUS: EntryKind = EntryKind::Other(b'7');

/// Top-level documents of an archive. They are JSON, whatever they begin with.
const MEANING: [&str; 4] = ["manifest.json", "index.json", "oci-layout", "repositories"];

/// Reads the archive to its end: JSON documents into memory, every other file as a blob into
/// `content`, where it is not visible until it is committed.
pub(crate) fn read(
    chunks: impl Iterator<Item = io::Result<Bytes>>,
    content: &ContentStore,
    limits: &Limits,
    arrived: Arrived<'_>,
    memory: &dyn Memory,
) -> Result<Members, Error> {
    let (compression, chunks) = peek(chunks);
    take_for(compression, memory)?;
    let expansion = Expansion::new(limits);
    let received = expansion.clone();
    let chunks = chunks.fuse().inspect(move |chunk| {
        if let Ok(chunk) = chunk {
            received.receive(chunk.len());
        }
    });
    let (layers, holes) = (expansion.stage(), expansion.stage());
    let archive = |error| Error::Decode { source: error };
    let decoded = Decoded::new(chunks, limits, expansion, Trailing::Ignored).map_err(archive)?;
    let decoded = decoded.map(|chunk| chunk.map_err(archive));

    thread::scope(|scope| {
        let (inflate_sender, inflate_pieces) = sync_channel(QUEUE);
        let (ingest_sender, ingest_pieces) = sync_channel(QUEUE);
        let inflating = scope.spawn(|| inflate::run(inflate_pieces, limits, layers));
        let ingesting = scope.spawn(move || {
            let told = (arrived, memory);
            ingest::run(ingest_pieces, content, inflate_sender, limits, told)
        });
        let walked = Walk::new(ingest_sender, limits, memory, holes).run(decoded);
        let ingested = ingesting.join().map_err(|_| Error::Panicked)?;
        let inflated = inflating.join().map_err(|_| Error::Panicked)?;
        // When the second thread fails, the walk only sees a closed channel.
        let (ingested, mut members) = (ingested?, walked?);
        members.blobs = ingest::join(ingested, inflated)?;
        Ok(members)
    })
}

/// The walk over the archive's entries.
struct Walk<'a> {
    limits: &'a Limits,
    memory: &'a dyn Memory,
    members: Members,
    blobs: SyncSender<Piece>,
    /// Limits the holes of members.
    holes: Expansion,
    /// The member being read.
    current: Current,
    /// The first bytes, for an error about something that is not a tar.
    start: Vec<u8>,
    entries: u64,
    kept_bytes: u64,
}

enum Current {
    /// Nothing needed.
    Nothing,
    /// A file whose first bytes will decide what it is.
    Undecided {
        path: String,
        size: u64,
    },
    Document {
        path: String,
        bytes: Vec<u8>,
    },
    Blob {
        path: String,
    },
}

impl<'a> Walk<'a> {
    fn new(
        blobs: SyncSender<Piece>,
        limits: &'a Limits,
        memory: &'a dyn Memory,
        holes: Expansion,
    ) -> Self {
        let (members, current) = (Members::default(), Current::Nothing);
        Self {
            limits,
            memory,
            members,
            blobs,
            holes,
            current,
            start: Vec::new(),
            entries: 0,
            kept_bytes: 0,
        }
    }

    fn run(mut self, chunks: impl Iterator<Item = Result<Bytes, Error>>) -> Result<Members, Error> {
        let mut walker = Walker::new(self.limits.header_bytes);
        let mut empty = true;
        for chunk in chunks {
            let mut rest = chunk?;
            empty &= rest.is_empty();
            let wanted = guess::START.saturating_sub(self.start.len());
            self.start.extend(rest.iter().take(wanted));
            while !walker.ended() {
                let (used, event) = walker.step(&rest).map_err(|source| self.broken(source))?;
                let piece = rest.split_to(used);
                match event {
                    Event::More => break,
                    Event::End => {}
                    Event::Entry(entry) => self.begin(&entry)?,
                    Event::Data => self.data(piece)?,
                    Event::Hole(length) => self.hole(length)?,
                    Event::EntryEnd => self.end()?,
                }
            }
            // Bytes after the end are read all the same, so that the sender is not interrupted and
            // damage of the compression is found.
        }
        if empty {
            return Err(Error::Empty);
        }
        walker.finish().map_err(|source| self.broken(source))?;
        // An empty file at the very end has had no further step.
        self.end()?;
        self.members.kept_bytes = self.kept_bytes;
        Ok(self.members)
    }

    fn begin(&mut self, entry: &Entry) -> Result<(), Error> {
        self.end()?;
        self.entries += 1;
        Error::limit(
            "max-entries",
            "members of the archive",
            self.entries,
            self.limits.entries,
        )?;
        let Some(path) = clean(&entry.path()) else {
            return Ok(());
        };
        self.keep(path.len() as u64)?;
        self.current = match entry.kind {
            EntryKind::OldSparse => {
                self.members.insert(path, Member::OldSparse);
                Current::Nothing
            }
            EntryKind::SymLink | EntryKind::HardLink => {
                let target = entry.link();
                self.keep(target.len() as u64)?;
                let symbolic = entry.kind == EntryKind::SymLink;
                self.members.insert(path, Member::Link { target, symbolic });
                Current::Nothing
            }
            EntryKind::File | CONTIGUOUS if MEANING.contains(&path.as_str()) => {
                let what = format!("bytes of {path}");
                Error::limit(
                    "max-document-bytes",
                    what,
                    entry.size,
                    self.limits.document_bytes,
                )?;
                Current::Document {
                    path,
                    bytes: Vec::new(),
                }
            }
            EntryKind::File | CONTIGUOUS if entry.size == 0 => {
                self.send(Piece::Begin { size: 0 })?;
                self.send(Piece::End)?;
                self.members.insert_blob(path, true);
                Current::Nothing
            }
            EntryKind::File | CONTIGUOUS => Current::Undecided {
                path,
                size: entry.size,
            },
            _ => Current::Nothing,
        };
        Ok(())
    }

    fn data(&mut self, piece: Bytes) -> Result<(), Error> {
        if let Current::Undecided { path, size } = &mut self.current {
            let (path, size) = (std::mem::take(path), *size);
            let small = size <= self.limits.document_bytes;
            self.current = match begins_as_json(&piece) {
                true if small => Current::Document {
                    path,
                    bytes: Vec::new(),
                },
                _ => {
                    self.send(Piece::Begin { size })?;
                    Current::Blob { path }
                }
            };
        }
        match &mut self.current {
            Current::Document { bytes, .. } => {
                bytes.extend_from_slice(&piece);
                let count = piece.len() as u64;
                self.keep(count)
            }
            Current::Blob { .. } => self.send(Piece::Data(piece)),
            Current::Nothing | Current::Undecided { .. } => Ok(()),
        }
    }

    /// Passes on zeros for a hole.
    fn hole(&mut self, length: u64) -> Result<(), Error> {
        let entry = match &self.current {
            Current::Nothing => return Ok(()),
            Current::Undecided { path, .. }
            | Current::Document { path, .. }
            | Current::Blob { path } => path,
        };
        let weighed = self.holes.weigh(length);
        weighed.map_err(|(received, produced)| Error::Holes {
            entry: entry.clone(),
            received,
            produced,
            limit: self.limits.expansion_ratio,
        })?;
        let mut remaining = length;
        while remaining > 0 {
            let count = usize::try_from(remaining).map_or(ZEROS.len(), |n| n.min(ZEROS.len()));
            self.data(Bytes::from_static(&ZEROS[..count]))?;
            remaining -= count as u64;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        match std::mem::replace(&mut self.current, Current::Nothing) {
            Current::Nothing | Current::Undecided { .. } => {}
            Current::Blob { path } => {
                self.send(Piece::End)?;
                self.members.insert_blob(path, false);
            }
            // JSON has no NUL, and every tar has one: this is a layer whose first name looks like
            // JSON.
            Current::Document { path, bytes }
                if bytes.contains(&0) && !MEANING.contains(&path.as_str()) =>
            {
                self.kept_bytes -= bytes.len() as u64;
                let size = bytes.len() as u64;
                self.send(Piece::Begin { size })?;
                self.send(Piece::Data(bytes.into()))?;
                self.send(Piece::End)?;
                self.members.insert_blob(path, false);
            }
            Current::Document { path, bytes } => {
                self.members
                    .insert(path, Member::Document(Document::new(bytes)));
            }
        }
        Ok(())
    }

    /// An error of the tar, with the member it is in.
    fn broken(&self, source: TarError) -> Error {
        let entry = match &self.current {
            Current::Nothing => None,
            Current::Undecided { path, .. }
            | Current::Document { path, .. }
            | Current::Blob { path } => Some(path.clone()),
        };
        match guess::guess(&self.start).filter(|_| self.entries == 0) {
            Some(found) => Error::NotTar {
                what: "archive",
                found,
                source,
            },
            None => Error::Tar { entry, source },
        }
    }

    fn send(&self, piece: Piece) -> Result<(), Error> {
        self.blobs.send(piece).map_err(|_| Error::Panicked)
    }

    /// Counts bytes that stay in memory until the archive is interpreted.
    fn keep(&mut self, bytes: u64) -> Result<(), Error> {
        self.kept_bytes += bytes;
        if self.kept_bytes > SMALL_DOCUMENTS {
            self.memory.take()?;
        }
        Error::documents(self.kept_bytes, self.limits.documents_bytes)
    }
}

/// Whether a file may be a JSON document, judged by its first bytes, because the archive may only
/// name its documents at its end.
fn begins_as_json(start: &[u8]) -> bool {
    matches!(start.trim_ascii_start().first(), None | Some(b'{' | b'['))
}
