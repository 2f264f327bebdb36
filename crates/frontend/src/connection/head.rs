//! The head of a request, judged before hyper reads it.
//!
//! hyper responds to heads that it cannot read with a status and no body, or not at all. Only heads
//! that pass here reach it, so refusals have a body like every other error.

use std::str;

use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, TRANSFER_ENCODING};
use hyper::{Method, Uri};

use super::fault::Fault;
use super::framing::Framing;
use super::target;

/// The most headers of one request: as many as hyper reads.
const HEADERS: usize = 100;

/// A head that hyper reads, and where its body ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The head with its empty line: unchanged, except for characters of the target that hyper
    /// requires to be encoded.
    pub bytes: Vec<u8>,
    /// Where the following body ends.
    pub framing: Framing,
}

/// The end of the head in these bytes, if it is there. Only bytes from `seen` on are new.
///
/// # Errors
/// [`Fault::BareLineFeed`].
pub fn end(bytes: &[u8], seen: usize) -> Result<Option<usize>, Fault> {
    let fresh = bytes.get(seen..).unwrap_or_default();
    let feeds = fresh.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    for at in feeds.map(|(at, _)| seen + at) {
        let line = &bytes[..at];
        if !line.ends_with(b"\r") {
            return Err(Fault::BareLineFeed);
        }
        if line.ends_with(b"\r\n\r") {
            return Ok(Some(at + 1));
        }
    }
    Ok(None)
}

/// Judges a whole head, with its empty line.
///
/// # Errors
/// The first [`Fault`] in it.
pub fn judge(bytes: &[u8]) -> Result<Head, Fault> {
    let malformed = |what: &str| Fault::Malformed(what.to_owned());
    let line_end = bytes.windows(2).position(|two| two == b"\r\n");
    let (line, rest) = bytes.split_at(line_end.ok_or_else(|| malformed("it has no line end"))?);
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next())
    else {
        return Err(malformed("its first line is not METHOD TARGET HTTP/1.1"));
    };
    check_version(version)?;
    Method::from_bytes(method).map_err(|_| malformed("its method is no word"))?;
    let target = target::normalize(target)?;
    if Uri::try_from(target.as_slice()).is_err() {
        return Err(malformed("its target is no path and no URL"));
    }
    let bytes = [method, b" ", &target, b" ", version, rest].concat();
    let framing = read(&bytes)?;
    Ok(Head { bytes, framing })
}

fn check_version(version: &[u8]) -> Result<(), Fault> {
    match version {
        b"HTTP/1.1" | b"HTTP/1.0" => Ok(()),
        other => match other.strip_prefix(b"HTTP/") {
            Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit() => {
                Err(Fault::Version)
            }
            _ => Err(Fault::Malformed(
                "its first line is not METHOD TARGET HTTP/1.1".to_owned(),
            )),
        },
    }
}

/// Reads the headers as hyper does, and where the body ends.
fn read(bytes: &[u8]) -> Result<Framing, Fault> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
        Ok(_) => return Err(Fault::Malformed("its headers do not end".to_owned())),
        Err(httparse::Error::TooManyHeaders) => return Err(Fault::ManyHeaders(HEADERS)),
        Err(error) => return Err(Fault::Malformed(error.to_string())),
    }
    let is_1_0 = request.version == Some(0);
    let (mut hosts, mut is_chunked, mut length) = (0, false, None);
    for header in request.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Fault::Malformed("the name of a header is too long".to_owned()))?;
        if name == HOST {
            hosts += 1;
        } else if name == TRANSFER_ENCODING {
            if !header.value.eq_ignore_ascii_case(b"chunked") || is_chunked || is_1_0 {
                return Err(Fault::TransferEncoding(shown(header.value)));
            }
            is_chunked = true;
        } else if name == CONTENT_LENGTH {
            let found = parse_length(header.value);
            // The same number twice is allowed.
            if found.is_none() || length.is_some_and(|length| Some(length) != found) {
                return Err(Fault::ContentLength(shown(header.value)));
            }
            length = found;
        }
    }
    match (is_chunked, length) {
        _ if hosts > 1 => Err(Fault::Hosts),
        (true, Some(_)) => Err(Fault::TwoLengths),
        (true, None) => Ok(Framing::Chunked),
        (false, length) => Ok(Framing::Length(length.unwrap_or_default())),
    }
}

/// Only digits; up to Go's limit.
fn parse_length(value: &[u8]) -> Option<u64> {
    let digits = str::from_utf8(value).ok()?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let length = digits.parse::<i64>().ok().filter(|_| is_number)?;
    u64::try_from(length).ok()
}

/// The value of a header, for a message.
fn shown(value: &[u8]) -> String {
    const SHOWN: usize = 64;
    String::from_utf8_lossy(&value[..value.len().min(SHOWN)]).into_owned()
}

#[cfg(test)]
mod tests;
