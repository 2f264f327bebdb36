//! A zstd decoder that stops at the end of each frame.

use std::io::{self, BufRead, Read};

use zstd::stream::raw::{DParameter, Decoder, Operation as _};

/// Decodes one zstd frame at a time, which may be a skippable one.
///
/// The reader of zstd's binding either continues with the next frame by itself or cannot be reused.
/// This one stops after a frame and keeps its window for the next.
pub(super) struct ZstdFrame<R> {
    pub(super) reader: R,
    decoder: Decoder<'static>,
    over: bool,
}

impl<R> ZstdFrame<R> {
    pub(super) fn new(reader: R, window_bytes: u64) -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        // zstd has windows of 2^10 to 2^31 bytes.
        let window_log = window_bytes.max(1 << 10).ilog2().min(31);
        decoder.set_parameter(DParameter::WindowLogMax(window_log))?;
        Ok(Self {
            reader,
            decoder,
            over: false,
        })
    }

    /// Prepares for the frame that begins at the reader's position.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        self.over = false;
        self.decoder.reinit()
    }
}

impl<R: BufRead> Read for ZstdFrame<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.over && !buffer.is_empty() {
            let input = self.reader.fill_buf()?;
            let at_the_end = input.is_empty();
            // Also without input: output that did not fit the last buffer is still pending.
            let status = self.decoder.run_on_buffers(input, buffer)?;
            self.reader.consume(status.bytes_read);
            self.over = status.remaining == 0;
            if status.bytes_written > 0 {
                return Ok(status.bytes_written);
            }
            if at_the_end && !self.over {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }
}
