use std::io::{self, BufRead, Read as _};

use anyhow::{Context as _, Result, bail};

/// A response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// The body, without chunk sizes.
    pub(crate) body: Vec<u8>,
    line: Vec<u8>,
}

/// How long the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Bytes(u64),
    Chunks,
    ToTheEnd,
}

impl Response {
    /// Reads the next response in place of this one, whose buffers are reused.
    pub(crate) fn read(&mut self, source: &mut impl BufRead) -> Result<()> {
        let length = self.head(source)?;
        self.body.clear();
        match length {
            Length::Bytes(bytes) => self.piece(source, bytes),
            Length::Chunks => self.chunks(source),
            Length::ToTheEnd => source
                .read_to_end(&mut self.body)
                .map(|_| ())
                .context("a body"),
        }
    }

    fn head(&mut self, source: &mut impl BufRead) -> Result<Length> {
        self.line(source)?;
        let code = self
            .line
            .strip_prefix(b"HTTP/1.1 ")
            .and_then(|rest| rest.get(..3))
            .and_then(|code| str::from_utf8(code).ok())
            .and_then(|code| code.parse().ok());
        self.status =
            code.with_context(|| format!("no status: {:?}", String::from_utf8_lossy(&self.line)))?;
        let mut length = match self.status {
            204 | 304 => Length::Bytes(0),
            _ => Length::ToTheEnd,
        };
        loop {
            self.line(source)?;
            if self.line.is_empty() {
                return Ok(length);
            }
            if let Some(value) = header(&self.line, b"content-length") {
                length = Length::Bytes(value.parse().context("Content-Length")?);
            } else if header(&self.line, b"transfer-encoding") == Some("chunked") {
                length = Length::Chunks;
            }
        }
    }

    fn chunks(&mut self, source: &mut impl BufRead) -> Result<()> {
        loop {
            self.line(source)?;
            let size = str::from_utf8(&self.line).unwrap_or_default();
            let size = u64::from_str_radix(size, 16).context("the size of a chunk")?;
            self.piece(source, size)?;
            self.line(source)?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn piece(&mut self, source: &mut impl BufRead, size: u64) -> Result<()> {
        let read = source.by_ref().take(size).read_to_end(&mut self.body)?;
        match read as u64 == size {
            true => Ok(()),
            false => bail!("a body ends after {read} of {size} bytes"),
        }
    }

    /// The next line without its end.
    fn line(&mut self, source: &mut impl BufRead) -> Result<()> {
        self.line.clear();
        source.read_until(b'\n', &mut self.line)?;
        if !self.line.ends_with(b"\r\n") {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof))
                .context("the connection ended inside an answer");
        }
        self.line.truncate(self.line.len() - 2);
        Ok(())
    }
}

/// The value, when the line is this header.
fn header<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let (before, rest) = line.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":")?;
    let is_it = before.eq_ignore_ascii_case(name);
    is_it.then_some(str::from_utf8(value).ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_follow_each_other_on_one_connection() {
        let mut wire: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\
            HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n\
            2\r\nde\r\n3\r\nfgh\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        let mut response = Response::default();
        let mut next = || {
            response.read(&mut wire).unwrap();
            (
                response.status,
                String::from_utf8(response.body.clone()).unwrap(),
            )
        };
        assert_eq!(next(), (200, "abc".to_owned()));
        assert_eq!(next(), (404, "defgh".to_owned()));
        assert_eq!(next(), (204, String::new()));
        assert!(response.read(&mut wire).is_err());
    }

    #[test]
    fn a_body_that_is_cut_off_is_an_error() {
        for wire in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n",
            "HTTP/1.1 200 OK\r\nContent-Le",
        ] {
            assert!(
                Response::default().read(&mut wire.as_bytes()).is_err(),
                "{wire}"
            );
        }
    }
}
