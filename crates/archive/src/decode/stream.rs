use std::io::{self, Read};

use bytes::Bytes;

use super::chunks::{ChunkReader, SourceError};
use super::member::{self, Member};
use super::pool::{BUFFER, Pool};
use super::{DecodeError, Expansion};
use crate::compression::MAGIC_BYTES;
use crate::{Compression, Limits};

/// A stream of chunks, decoded as its first bytes say.
///
/// Several members or frames in a row are one stream, also of different compressions. What follows
/// the last one and is none is ignored, as decoders in the field do. Ends after the first error.
pub(crate) struct Decoded<I: Iterator<Item = io::Result<Bytes>>> {
    state: State<I>,
    pool: Pool,
    expansion: Expansion,
    window_bytes: u64,
}

enum State<I: Iterator<Item = io::Result<Bytes>>> {
    Plain(ChunkReader<I>),
    Member(Box<Member<ChunkReader<I>>>),
    /// Behind a member.
    Between(ChunkReader<I>),
    Ended,
}

impl<I: Iterator<Item = io::Result<Bytes>>> Decoded<I> {
    /// Looks at the first bytes.
    pub(crate) fn new(
        chunks: I,
        limits: &Limits,
        expansion: Expansion,
    ) -> Result<Self, DecodeError> {
        let mut reader = ChunkReader::new(chunks);
        let start = reader.peek(MAGIC_BYTES).map_err(DecodeError::Source)?;
        let compression = Compression::detect(start);
        let window_bytes = limits.window_bytes;
        let state = State::begin(compression, reader, window_bytes)?;
        Ok(Self {
            state,
            pool: Pool::new(),
            expansion,
            window_bytes,
        })
    }

    fn next_chunk(&mut self) -> Result<Option<Bytes>, DecodeError> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(None),
                State::Plain(mut reader) => {
                    let chunk = reader.next_chunk().map_err(DecodeError::Source)?;
                    if chunk.is_some() {
                        self.state = State::Plain(reader);
                    }
                    return Ok(chunk);
                }
                State::Between(mut reader) => {
                    let start = reader.peek(MAGIC_BYTES).map_err(DecodeError::Source)?;
                    let compression = Compression::detect(start);
                    if compression == Compression::None {
                        drain(reader)?;
                    } else {
                        self.state = State::begin(compression, reader, self.window_bytes)?;
                    }
                }
                State::Member(mut member) => {
                    let mut buffer = self.pool.take();
                    let filled = fill(&mut member, &mut buffer)
                        .map_err(|error| explain(error, member.compression(), self.window_bytes))?;
                    self.expansion.produce(filled, member.compression())?;
                    self.state = match filled {
                        BUFFER => State::Member(member),
                        _ => State::Between(member.into_inner()),
                    };
                    if filled > 0 {
                        return Ok(Some(self.pool.lend(buffer, filled)));
                    }
                }
            }
        }
    }
}

impl<I: Iterator<Item = io::Result<Bytes>>> State<I> {
    fn begin(
        compression: Compression,
        reader: ChunkReader<I>,
        window_bytes: u64,
    ) -> Result<Self, DecodeError> {
        let member = Member::new(compression, reader, window_bytes);
        Ok(
            match member.map_err(|error| explain(error, compression, window_bytes))? {
                Ok(member) => Self::Member(Box::new(member)),
                Err(reader) => Self::Plain(reader),
            },
        )
    }
}

impl<I: Iterator<Item = io::Result<Bytes>>> Iterator for Decoded<I> {
    type Item = Result<Bytes, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().transpose()
    }
}

/// Reads until the buffer is full or the member is over.
fn fill<R: io::BufRead>(member: &mut Member<R>, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match member.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Takes what is left, so that its sender is not cut off.
fn drain<I: Iterator<Item = io::Result<Bytes>>>(
    mut reader: ChunkReader<I>,
) -> Result<(), DecodeError> {
    while reader.next_chunk().map_err(DecodeError::Source)?.is_some() {}
    Ok(())
}

fn explain(error: io::Error, compression: Compression, window_bytes: u64) -> DecodeError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return DecodeError::Truncated(compression);
    }
    if member::wants_more_window(&error) {
        return DecodeError::Window {
            compression,
            limit: window_bytes,
        };
    }
    match error.downcast::<SourceError>() {
        Ok(SourceError(error)) => DecodeError::Source(error),
        Err(error) => DecodeError::Damaged {
            compression,
            reason: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::super::encoders::{ENCODERS, xz_preset, zstd};
    use super::*;

    fn decode(bytes: &[u8], chunk: usize) -> Result<Vec<u8>, DecodeError> {
        let chunks: Vec<_> = bytes
            .chunks(chunk)
            .map(|c| Ok(Bytes::copy_from_slice(c)))
            .collect();
        let limits = Limits::default();
        let expansion = Expansion::new(limits.expansion_ratio);
        let mut decoded = Vec::new();
        for chunk in Decoded::new(chunks.into_iter(), &limits, expansion)? {
            decoded.extend(&chunk?);
        }
        Ok(decoded)
    }

    #[test]
    fn members_in_a_row_are_one_stream() {
        for encode in ENCODERS {
            let bytes = [encode(b"one "), encode(b""), encode(b"two")].concat();
            for chunk in [1, 7, bytes.len()] {
                assert_eq!(decode(&bytes, chunk).expect("decode"), b"one two");
            }
        }
        let skippable = b"\x5a\x2a\x4d\x18\x03\0\0\0abc";
        let bytes = [
            &skippable[..],
            &zstd(b"one "),
            skippable,
            &zstd(b"two"),
            skippable,
        ]
        .concat();
        assert_eq!(decode(&bytes, 5).expect("decode"), b"one two");
    }

    #[test]
    fn what_follows_and_is_no_member_is_ignored() {
        for encode in ENCODERS {
            let bytes = [&encode(b"one")[..], &[0; 700], b"junk"].concat();
            assert_eq!(decode(&bytes, 100).expect("decode"), b"one");
        }
    }

    #[test]
    fn a_cut_stream_is_an_error_wherever_it_is_cut() {
        let text: Vec<u8> = (0..2000u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        for encode in ENCODERS {
            let bytes = encode(&text);
            for cut in (MAGIC_BYTES..bytes.len())
                .step_by(97)
                .chain([bytes.len() - 1])
            {
                let error = decode(&bytes[..cut], 1000).expect_err("cut");
                assert!(
                    matches!(error, DecodeError::Truncated(_)),
                    "{error} at {cut}"
                );
            }
        }
    }

    #[test]
    fn a_window_beyond_the_limit_is_refused() {
        let bytes = vec![0; 1 << 20];
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("encoder");
        encoder.window_log(27).expect("window");
        encoder.write_all(&bytes).expect("encode");
        let zstd = encoder.finish().expect("encode");
        let xz = xz_preset(&bytes, 9);
        for (bytes, compression) in [(zstd, "zstd"), (xz, "xz")] {
            assert_eq!(
                decode(&bytes, 1000).expect_err("window").to_string(),
                format!(
                    "the {compression} data asks for a larger window than the limit max-window-bytes \
                     of 16777216"
                )
            );
        }
    }

    #[test]
    fn a_broken_source_is_told_apart_from_broken_data() {
        for encode in ENCODERS {
            let bytes = Bytes::from(encode(&[7; 5000]));
            let half = bytes.len() / 2;
            let chunks = [Ok(bytes.slice(..half)), Err(io::Error::other("left"))];
            let limits = Limits::default();
            let expansion = Expansion::new(1);
            let mut decoded = Decoded::new(chunks.into_iter(), &limits, expansion).expect("start");
            let error = decoded.find_map(Result::err).expect("error");
            assert!(matches!(error, DecodeError::Source(_)), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(0x50c4),
            ..ProptestConfig::default()
        })]

        #[test]
        fn garbage_never_panics(
            magic in prop::sample::select(vec![&b""[..], b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"]),
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = decode(&[magic, &bytes].concat(), 50);
        }
    }
}
