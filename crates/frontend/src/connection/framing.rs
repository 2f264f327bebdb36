//! Where the body of a request ends.

use std::io;

/// How the end of a body is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes; 0 is no body.
    Length(u64),
    /// With the last chunk.
    Chunked,
}

/// Finds the end of a chunked body. Reads only sizes and line ends, and accepts what hyper accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunks {
    state: State,
    /// Bytes of the current chunk that are still to come, or its size so far.
    size: u64,
    /// Bytes of extensions and trailers so far.
    besides: usize,
}

/// Bytes that extensions and trailers of one body may have together: no client needs any.
const BESIDES: usize = 16 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Size,
    Blank,
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataEnd,
    /// Before a trailer or the line that ends the body.
    Line,
    Trailer,
    TrailerEnd,
    LastEnd,
    End,
}

impl Default for Chunks {
    fn default() -> Self {
        Self {
            state: State::Begin,
            size: 0,
            besides: 0,
        }
    }
}

impl Chunks {
    /// Returns how many of the next bytes belong to the body.
    ///
    /// # Errors
    /// When they are not chunks.
    pub fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut at = 0;
        while at < bytes.len() && self.state != State::End {
            if self.state == State::Data {
                let rest = (bytes.len() - at) as u64;
                let data = rest.min(self.size);
                self.size -= data;
                at += usize::try_from(data).unwrap_or(bytes.len() - at);
                if self.size == 0 {
                    self.state = State::DataReturn;
                }
                continue;
            }
            self.state = self.next(bytes[at])?;
            at += 1;
        }
        Ok(at)
    }

    /// Whether the body has ended.
    pub fn is_end(&self) -> bool {
        self.state == State::End
    }

    fn next(&mut self, byte: u8) -> io::Result<State> {
        let state = match (self.state, byte) {
            (State::Begin | State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                let size = self.size.checked_mul(16);
                let size = size.ok_or_else(|| invalid("a size that is too large"))?;
                self.size = size + u64::from(digit);
                State::Size
            }
            (State::Size | State::Blank, b' ' | b'\t') => State::Blank,
            (State::Size | State::Blank, b';') => State::Extension,
            (State::Size | State::Blank | State::Extension, b'\r') => State::SizeEnd,
            (State::Extension, other) if other != b'\n' => {
                self.count()?;
                State::Extension
            }
            (State::SizeEnd, b'\n') if self.size == 0 => State::Line,
            (State::SizeEnd, b'\n') => State::Data,
            (State::DataReturn, b'\r') => State::DataEnd,
            (State::DataEnd, b'\n') => State::Begin,
            (State::Line, b'\r') => State::LastEnd,
            (State::Trailer, b'\r') => State::TrailerEnd,
            (State::Line | State::Trailer, other) if other != b'\n' => {
                self.count()?;
                State::Trailer
            }
            (State::TrailerEnd, b'\n') => State::Line,
            (State::LastEnd, b'\n') => State::End,
            _ => return Err(invalid("something that is no chunk")),
        };
        Ok(state)
    }

    fn count(&mut self) -> io::Result<()> {
        self.besides += 1;
        match self.besides > BESIDES {
            true => Err(invalid("too many extensions and trailers")),
            false => Ok(()),
        }
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the chunked body has {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_found_however_the_bytes_come() {
        for body in [
            "0\r\n\r\n",
            "3\r\nabc\r\n0\r\n\r\n",
            "00a; ext=\"x\"\r\n0123456789\r\nA \t\r\n0123456789\r\n0\r\n\r\n",
            "1\r\n\n\r\n0\r\nname: value\r\nother: x\r\n\r\n",
        ] {
            let bytes = [body.as_bytes(), b"GET /"].concat();
            for step in 1..bytes.len() {
                let mut chunks = Chunks::default();
                let mut taken = 0;
                for piece in bytes.chunks(step) {
                    taken += chunks.take(piece).expect(body);
                }
                assert!(chunks.is_end(), "{body}");
                assert_eq!(taken, body.len(), "{body} by {step}");
            }
        }
    }

    #[test]
    fn what_is_no_chunk() {
        let large = format!("1;{}\r\n", "x".repeat(BESIDES + 1));
        for body in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "3\nabc\r\n",
            "3\r\nabcd\r\n",
            "3\r\nabc\n",
            "3;a\nabc",
            "10000000000000000\r\n",
            "0\r\n\n",
            "0\r\nname: value\n",
            "3 3\r\n",
            &large,
        ] {
            let error = Chunks::default().take(body.as_bytes()).expect_err(body);
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        let mut large = Chunks::default();
        assert_eq!(large.take(b"ffffffffffffffff\r\n").ok(), Some(18));
        assert!(!large.is_end());
    }
}
