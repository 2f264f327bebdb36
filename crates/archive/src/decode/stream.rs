//! A decoded stream: members in a row, expansion limits, and trailing bytes.

use std::io::{self, Read};

use bytes::Bytes;

use super::chunks::{ChunkReader, SourceError};
use super::member::{self, Member};
use super::pool::Pool;
use super::{DecodeError, Expansion};
use crate::compression::MAGIC_BYTES;
use crate::{Compression, Limits};

/// A stream of chunks, decoded by the compression that its first bytes show.
///
/// Several members or frames of the same compression in a row are one stream. Ends after the first
/// error.
pub(crate) struct Decoded<I: Iterator<Item = io::Result<Bytes>>> {
    state: State<I>,
    pool: Pool,
    expansion: Expansion,
    window_bytes: u64,
    trailing: Trailing,
    /// Bytes of output of the current member.
    produced: u64,
}

/// How to handle bytes after the last member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trailing {
    /// They are read and dropped.
    Ignored,
    /// They are an error. xz allows zeros there, in multiples of four.
    Refused,
}

enum State<I: Iterator<Item = io::Result<Bytes>>> {
    Plain(ChunkReader<I>),
    Member(Box<Member<I>>),
    Ended,
}

impl<I: Iterator<Item = io::Result<Bytes>>> Decoded<I> {
    /// Detects the compression from the first bytes.
    pub(crate) fn new(
        chunks: I,
        limits: &Limits,
        expansion: Expansion,
        trailing: Trailing,
    ) -> Result<Self, DecodeError> {
        let mut reader = ChunkReader::new(chunks);
        let start = reader.peek(MAGIC_BYTES).map_err(DecodeError::Source)?;
        let compression = Compression::detect(start);
        let window_bytes = limits.window_bytes;
        let member = Member::new(compression, reader, window_bytes);
        let state = match member.map_err(|error| explain(error, compression, window_bytes))? {
            Err(reader) => State::Plain(reader),
            Ok(member) => {
                expansion.begin(compression)?;
                State::Member(Box::new(member))
            }
        };
        Ok(Self {
            state,
            pool: Pool::new(),
            expansion,
            window_bytes,
            trailing,
            produced: 0,
        })
    }

    fn next_chunk(&mut self) -> Result<Option<Bytes>, DecodeError> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => Ok(None),
            State::Plain(mut reader) => {
                let chunk = reader.next_chunk().map_err(DecodeError::Source)?;
                if chunk.is_some() {
                    self.state = State::Plain(reader);
                }
                Ok(chunk)
            }
            State::Member(mut member) => {
                let mut buffer = self.pool.take();
                let filled = self.fill(&mut member, &mut buffer)?;
                if filled == buffer.len() {
                    self.state = State::Member(member);
                }
                // An empty buffer returns to the pool.
                let chunk = self.pool.lend(buffer, filled);
                Ok((filled > 0).then_some(chunk))
            }
        }
    }

    /// Reads members until the buffer is full or there are no more.
    ///
    /// A buffer holds the output of many small members, so that passing it on and hashing cost the
    /// same however the data is split.
    fn fill(&mut self, member: &mut Member<I>, buffer: &mut [u8]) -> Result<usize, DecodeError> {
        let compression = member.compression();
        let window_bytes = self.window_bytes;
        let mut filled = 0;
        while filled < buffer.len() {
            match member.read(&mut buffer[filled..]) {
                Ok(0) => {
                    self.expansion
                        .spend(member.cost(), self.produced, compression)?;
                    self.produced = 0;
                    if !self.follows(member)? {
                        break;
                    }
                    self.expansion.begin(compression)?;
                    member
                        .restart(window_bytes)
                        .map_err(|error| explain(error, compression, window_bytes))?;
                }
                Ok(count) => {
                    filled += count;
                    self.produced += count as u64;
                    self.expansion.produce(count, compression)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(explain(error, compression, window_bytes)),
            }
        }
        Ok(filled)
    }

    /// Whether another member of the same compression follows; anything else is dropped or refused.
    fn follows(&self, member: &mut Member<I>) -> Result<bool, DecodeError> {
        let compression = member.compression();
        let reader = member.reader();
        let mut aligned = true;
        if compression == Compression::Xz {
            let padding = reader.skip_zeros().map_err(DecodeError::Source)?;
            aligned = padding.is_multiple_of(4);
        }
        let start = reader.peek(MAGIC_BYTES).map_err(DecodeError::Source)?;
        if aligned && Compression::detect(start) == compression {
            return Ok(true);
        }
        if self.trailing == Trailing::Refused && !(aligned && start.is_empty()) {
            let start = match aligned {
                true => String::from_utf8_lossy(start).into_owned(),
                // The zeros have already been consumed.
                false => "\0".to_owned(),
            };
            return Err(DecodeError::Trailing { compression, start });
        }
        drain(reader)?;
        Ok(false)
    }
}

impl<I: Iterator<Item = io::Result<Bytes>>> Iterator for Decoded<I> {
    type Item = Result<Bytes, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().transpose()
    }
}

/// Reads the rest, so that its sender is not interrupted.
fn drain<I: Iterator<Item = io::Result<Bytes>>>(
    reader: &mut ChunkReader<I>,
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

    use super::super::encoders::{ENCODERS, Encoder, bzip2, gzip, xz, xz_preset, zstd};
    use super::*;

    fn decode(bytes: &[u8], chunk: usize) -> Result<Vec<u8>, DecodeError> {
        decode_with(bytes, chunk, &Limits::default(), Trailing::Refused)
    }

    fn decode_with(
        bytes: &[u8],
        chunk: usize,
        limits: &Limits,
        trailing: Trailing,
    ) -> Result<Vec<u8>, DecodeError> {
        let chunks: Vec<_> = bytes
            .chunks(chunk)
            .map(|c| Ok(Bytes::copy_from_slice(c)))
            .collect();
        let expansion = Expansion::new(limits);
        expansion.receive(bytes.len());
        let mut decoded = Vec::new();
        for chunk in Decoded::new(chunks.into_iter(), limits, expansion, trailing)? {
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
    fn what_follows_and_is_no_member_is_ignored_or_refused() {
        for encode in ENCODERS {
            for more in [
                &b"junk"[..],
                b"\0",
                b"\n",
                &[0; 701],
                b"\x1f\x8b",
                &encode(b"x")[..2],
            ] {
                let bytes = [&encode(b"one")[..], more].concat();
                let ignored = decode_with(&bytes, 100, &Limits::default(), Trailing::Ignored);
                assert_eq!(ignored.expect("decode"), b"one");
                let refused = decode(&bytes, 100).expect_err("trailing bytes");
                assert!(matches!(refused, DecodeError::Trailing { .. }), "{refused}");
            }
        }
        assert_eq!(
            decode(&[&gzip(b"one")[..], b"junk"].concat(), 5)
                .expect_err("trailing bytes")
                .to_string(),
            "the gzip data is followed by bytes that are no gzip, which begin with \"junk\": nothing \
             that unpacks it takes them"
        );
    }

    #[test]
    fn another_compression_does_not_follow() {
        for (place, first) in ENCODERS.iter().enumerate() {
            for second in ENCODERS.iter().skip(place + 1) {
                let bytes = [first(b"one"), second(b"two")].concat();
                let refused = decode(&bytes, 100).expect_err("another compression");
                assert!(matches!(refused, DecodeError::Trailing { .. }), "{refused}");
            }
        }
    }

    #[test]
    fn zeros_by_fours_may_follow_xz_alone() {
        for encode in ENCODERS {
            for zeros in [4, 512, 700] {
                let padding = vec![0; zeros];
                let ends = [&encode(b"one ")[..], &padding].concat();
                let between = [&ends[..], &encode(b"two")].concat();
                let taken = encode(b"") == xz(b"");
                assert_eq!(decode(&ends, 100).is_ok(), taken);
                let decoded = decode(&between, 100).ok();
                assert_eq!(decoded, taken.then(|| b"one two".to_vec()));
            }
        }
    }

    #[test]
    fn many_small_members_are_few_chunks() {
        const MEMBERS: usize = 3000;
        for encode in ENCODERS {
            let bytes = Bytes::from(encode(b"x").repeat(MEMBERS));
            let limits = Limits::default();
            let expansion = Expansion::new(&limits);
            let chunks = std::iter::once(Ok(bytes));
            let decoded = Decoded::new(chunks, &limits, expansion, Trailing::Refused);
            let lengths: Vec<_> = decoded
                .expect("start")
                .map(|chunk| chunk.expect("decode").len())
                .collect();
            assert_eq!(lengths, [MEMBERS]);
        }
    }

    #[test]
    fn members_are_counted_over_all_stages() {
        let limits = Limits {
            compressed_streams: 100,
            ..Limits::default()
        };
        for encode in ENCODERS {
            let whole = encode(b"x").repeat(100);
            let decoded = decode_with(&whole, 1000, &limits, Trailing::Refused);
            assert_eq!(decoded.expect("as many as allowed").len(), 100);
            let more = [whole, encode(b"x")].concat();
            let error = decode_with(&more, 1000, &limits, Trailing::Refused);
            let error = error.expect_err("one more");
            let expected = matches!(error, DecodeError::Streams { limit: 100, .. });
            assert!(expected, "{error}");
        }
        let expansion = Expansion::new(&limits);
        let stage = expansion.stage();
        for _ in 0..50 {
            expansion.begin(Compression::Gzip).expect("few");
            stage.begin(Compression::Gzip).expect("few");
        }
        stage.begin(Compression::Gzip).expect_err("too many");
    }

    /// These decoders are created for each stream, which takes as long as a lot of output.
    #[test]
    fn empty_bzip2_and_xz_streams_are_a_bomb() {
        for (encode, streams) in [(bzip2 as Encoder, 30_000), (xz, 20_000)] {
            let error = decode(&encode(b"").repeat(streams), 60_000).expect_err("a bomb");
            assert!(matches!(error, DecodeError::TinyStreams { .. }), "{error}");
            // As many streams as archives have layers are not a bomb.
            decode(&encode(b"layer").repeat(1000), 60_000).expect("few streams");
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
            let expansion = Expansion::new(&limits);
            let decoded = Decoded::new(chunks.into_iter(), &limits, expansion, Trailing::Refused);
            let mut decoded = decoded.expect("start");
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
