//! Reads a file as a stream that occupies no thread between two blocks.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream::try_unfold;
use sockerless_registry::ByteStream;

/// Bytes read at a time.
const BLOCK: usize = 128 * 1024;

/// A file as it is read: not yet open, or open.
enum Reading {
    Begins(PathBuf),
    Goes(File),
}

/// The bytes of a file, each block read when it is asked for. Between two blocks no thread waits: a
/// client that stops reading its archive occupies buffers, but no thread.
pub(super) fn blocks(path: PathBuf) -> ByteStream {
    Box::pin(try_unfold(Reading::Begins(path), |reading| async {
        let read = tokio::task::spawn_blocking(move || next(reading));
        read.await.map_err(io::Error::other)?
    }))
}

fn next(reading: Reading) -> io::Result<Option<(Bytes, Reading)>> {
    let mut file = match reading {
        Reading::Begins(path) => File::open(path)?,
        Reading::Goes(file) => file,
    };
    let mut block = Vec::with_capacity(BLOCK);
    file.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
    Ok((!block.is_empty()).then(|| (block.into(), Reading::Goes(file))))
}
