//! Detecting the compression of a stream without consuming it.

use std::io;

use bytes::Bytes;

use crate::Compression;
use crate::compression::MAGIC_BYTES;

/// Detects the compression of a stream from its first bytes, and returns the whole stream.
pub fn peek<I>(
    chunks: I,
) -> (
    Compression,
    impl Iterator<Item = io::Result<Bytes>> + use<I>,
)
where
    I: Iterator<Item = io::Result<Bytes>>,
{
    // It is polled again after its end.
    let mut chunks = chunks.fuse();
    let (mut first, mut start) = (Vec::new(), Vec::with_capacity(MAGIC_BYTES));
    while start.len() < MAGIC_BYTES {
        let Some(chunk) = chunks.next() else { break };
        if let Ok(bytes) = &chunk {
            start.extend(bytes.iter().take(MAGIC_BYTES - start.len()));
        }
        let failed = chunk.is_err();
        first.push(chunk);
        if failed {
            break;
        }
    }
    (Compression::detect(&start), first.into_iter().chain(chunks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_the_first_bytes_are_cut() {
        let bytes = Bytes::from_static(b"\xfd7zXZ\0 and more");
        for cut in 0..bytes.len() {
            let chunks = [Ok(bytes.slice(..cut)), Ok(bytes.slice(cut..))];
            let (compression, chunks) = peek(chunks.into_iter());
            assert_eq!(compression, Compression::Xz);
            let whole: Vec<Bytes> = chunks.collect::<Result<_, _>>().expect("chunks");
            assert_eq!(whole.concat(), bytes);
        }
        let broken = [Ok(bytes.slice(..2)), Err(io::ErrorKind::BrokenPipe.into())];
        let (compression, mut chunks) = peek(broken.into_iter());
        assert_eq!(compression, Compression::None);
        assert!(chunks.next().is_some_and(|chunk| chunk.is_ok()));
        assert!(chunks.next().is_some_and(|chunk| chunk.is_err()));
        assert!(chunks.next().is_none());
    }
}
