//! Docker archives and OCI layouts: read in one pass, verified, and written.
//!
//! [`read`] takes the bytes of an archive as they arrive, in any compression and order. Each file
//! is hashed while it is written to the content store, where it is not yet visible; JSON documents
//! are kept in memory, bounded. After the last byte, the documents are interpreted, and every
//! digest, size and `diff_id` is compared with what was found.
//!
//! [`read_file_system`] does the same for the tar of a root file system, which is imported as one
//! layer. [`write`](mod@write) plans the bytes of an archive of images.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod blob;
mod compression;
mod decode;
mod document;
mod error;
mod image;
mod layout;
mod limits;
mod manifest;
mod meaning;
mod memory;
mod options;
mod peek;
mod read;
mod tar;
pub mod write;

pub use blob::{Blob, LayerFault, LayerTar};
pub use compression::Compression;
pub use decode::DecodeError;
pub use error::Error;
pub use image::{Archive, ArchiveImage, ArchiveLayer, ArchiveVariant, Presence, Skipped, Target};
pub use limits::{EXPANSION_FLOOR, FILE_SYSTEM_WINDOW_BYTES, Limits};
pub use manifest::{ManifestLayer, generate};
pub use meaning::{Meaning, read_config, read_manifest};
pub use memory::{Memory, OutOfMemory, SMALL_DOCUMENTS, Unshared};
pub use options::ReadOptions;
pub use peek::peek;
pub use read::{Document, FileSystem, read_file_system};
pub use sockerless_oci::{Artifact, Descriptor, Platform};
pub use tar::{EntryFault, TarError};

use std::io;

use bytes::Bytes;
use sockerless_content::ContentStore;

use decode::{Decoded, Expansion, Trailing};
use layout::Wish;

/// Decodes a layer by the compression that its first bytes show: several members or frames of one
/// compression in a row, or uncompressed bytes.
///
/// # Errors
/// [`DecodeError`] when the first bytes cannot be read; the iterator returns later errors. Bytes
/// after the compressed ones are an error, as in every tool that unpacks layers.
pub fn decode<I>(
    chunks: I,
    limits: &Limits,
) -> Result<impl Iterator<Item = Result<Bytes, DecodeError>> + use<I>, DecodeError>
where
    I: Iterator<Item = io::Result<Bytes>>,
{
    let expansion = Expansion::new(limits);
    let received = expansion.clone();
    let chunks = chunks.fuse().inspect(move |chunk| {
        if let Ok(chunk) = chunk {
            received.receive(chunk.len());
        }
    });
    Decoded::new(chunks, limits, expansion, Trailing::Refused)
}

/// Reads an archive to its end and verifies everything in it.
///
/// Blobs are in `content` but not committed. Blocks the thread: on the chunks, the disk and the
/// processor, and on memory if the archive needs a lot of it.
///
/// # Errors
/// [`Error`] for anything that is invalid; nothing of the archive stays then.
pub fn read(
    chunks: impl Iterator<Item = io::Result<Bytes>>,
    content: &ContentStore,
    options: &ReadOptions<'_>,
) -> Result<Archive, Error> {
    let &ReadOptions {
        limits,
        preferred,
        only,
        arrived,
        memory,
    } = options;
    let members = read::read(chunks, content, limits, arrived, memory)?;
    layout::interpret(
        members,
        &Wish {
            preferred,
            only,
            limits,
        },
    )
}
