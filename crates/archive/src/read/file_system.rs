//! Reading the tar of a root file system as one layer.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use bytes::Bytes;
use sockerless_content::{ContentStore, StagedBlob};

use super::tar_check::TarCheck;
use super::{QUEUE, guess};
use crate::blob::LayerFault;
use crate::decode::DecodeError;
use crate::{Error, LayerTar, Limits};

/// A root file system, read as a layer.
#[derive(Debug)]
pub struct FileSystem {
    /// The uncompressed bytes of its tar, hashed and not yet in the content store.
    pub staged: StagedBlob,
    /// The tar as a layer.
    pub layer: LayerTar,
    /// Whether it looks like an image archive that was mistaken for a file system.
    pub is_image_archive: bool,
}

/// Reads the tar of a root file system to its end, in any compression, and makes an uncompressed
/// layer of it.
///
/// Empty input is a layer without files. The blob is in `content` but not committed.
/// [`Limits::for_file_system`] are the limits to use. Blocks the thread: on the chunks, the disk
/// and the processor.
///
/// # Errors
/// [`Error::FileSystem`] when it cannot be decoded, is not a tar or has an entry that no runtime
/// can unpack, [`Error::Content`] when it cannot be written; nothing of it stays then.
pub fn read_file_system(
    chunks: impl Iterator<Item = io::Result<Bytes>>,
    content: &ContentStore,
    limits: &Limits,
) -> Result<FileSystem, Error> {
    let decoded = crate::decode(chunks, limits).map_err(broken)?;
    thread::scope(|scope| {
        let (sender, pieces) = sync_channel(QUEUE);
        let writing = scope.spawn(move || write(&pieces, content, limits));
        let passed = pass(decoded, sender);
        let written = writing.join().map_err(|_| Error::Panicked)?;
        passed.and(written)
    })
}

/// Passes on the decoded chunks until the receiver is dropped.
fn pass(
    decoded: impl Iterator<Item = Result<Bytes, DecodeError>>,
    pieces: SyncSender<Bytes>,
) -> Result<(), Error> {
    for piece in decoded {
        if pieces.send(piece.map_err(broken)?).is_err() {
            break;
        }
    }
    Ok(())
}

/// Hashes, writes and checks the tar.
fn write(
    pieces: &Receiver<Bytes>,
    content: &ContentStore,
    limits: &Limits,
) -> Result<FileSystem, Error> {
    let mut writer = content.writer(None);
    let mut check = TarCheck::watching(limits.header_bytes);
    let mut start = Vec::new();
    for piece in pieces {
        let wanted = guess::START.saturating_sub(start.len());
        start.extend(piece.iter().take(wanted));
        check.push(&piece);
        if check.failed() {
            break;
        }
        writer.write(piece)?;
    }
    let is_image_archive = check.is_image_archive();
    // No layer is above it, so none of its paths are needed.
    let checked = check
        .finish(&mut 0)
        .map_err(|source| match guess::guess(&start) {
            Some(found) => Error::NotTar {
                what: "file system",
                found,
                source,
            },
            None => broken(source),
        })?;
    if let Some(link) = checked.elsewhere.first() {
        return Err(broken(link.leads_nowhere()));
    }
    let staged = writer.finish()?;
    let layer = LayerTar {
        diff_id: staged.digest(),
        size: staged.size(),
        content_size: checked.content_size,
    };
    Ok(FileSystem {
        staged,
        layer,
        is_image_archive,
    })
}

fn broken(source: impl Into<LayerFault>) -> Error {
    let source = source.into();
    Error::FileSystem { source }
}

#[cfg(test)]
mod tests;
