//! A reader over a stream of chunks, without copying them.

use std::io::{self, BufRead, Read};

use bytes::{Buf, Bytes};

/// Reads chunks without copying them.
#[derive(Debug)]
pub(super) struct ChunkReader<I> {
    /// `None` once the reader was taken.
    chunks: Option<I>,
    current: Bytes,
}

/// Marks an error of the source among those of a decoder that reads from it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SourceError(pub(crate) io::Error);

impl<I: Iterator<Item = io::Result<Bytes>>> ChunkReader<I> {
    pub(super) fn new(chunks: I) -> Self {
        Self {
            chunks: Some(chunks),
            current: Bytes::new(),
        }
    }

    /// Takes the reader, leaving one that is at its end.
    pub(super) fn take(&mut self) -> Self {
        Self {
            chunks: self.chunks.take(),
            current: std::mem::take(&mut self.current),
        }
    }

    /// The next `count` bytes without consuming them; fewer at the end of the stream.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.current.len() < count {
            match self.next()? {
                None => break,
                Some(chunk) if self.current.is_empty() => self.current = chunk,
                Some(chunk) => {
                    // Only where chunks meet, and rarely: few bytes are peeked at.
                    let mut joined = Vec::with_capacity(self.current.len() + chunk.len());
                    joined.extend_from_slice(&self.current);
                    joined.extend_from_slice(&chunk);
                    self.current = joined.into();
                }
            }
        }
        Ok(&self.current[..self.current.len().min(count)])
    }

    /// The rest of the current chunk, or the next one; `None` at the end.
    pub(super) fn next_chunk(&mut self) -> io::Result<Option<Bytes>> {
        self.fill()?;
        let chunk = std::mem::take(&mut self.current);
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    /// Skips zeros and returns how many there were.
    pub(super) fn skip_zeros(&mut self) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            self.fill()?;
            let zeros = self.current.iter().take_while(|byte| **byte == 0).count();
            self.current.advance(zeros);
            skipped += zeros as u64;
            if zeros == 0 || !self.current.is_empty() {
                return Ok(skipped);
            }
        }
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.chunks.as_mut().and_then(I::next).transpose()
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.current.is_empty() {
            match self.next()? {
                Some(chunk) => self.current = chunk,
                None => break,
            }
        }
        Ok(())
    }
}

impl<I: Iterator<Item = io::Result<Bytes>>> BufRead for ChunkReader<I> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()
            .map_err(|error| io::Error::other(SourceError(error)))?;
        Ok(&self.current)
    }

    fn consume(&mut self, count: usize) {
        self.current.advance(count);
    }
}

impl<I: Iterator<Item = io::Result<Bytes>>> Read for ChunkReader<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}
