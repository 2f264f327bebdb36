//! Turns what Go accepts as JSON into strict JSON.

use std::borrow::Cow;

use super::{DEPTH, JsonError, VALUES};
use serde::de::IgnoredAny;

/// Replaces an invalid character: U+FFFD in UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// Replaces a number that is too large for a float; it is not an integer either.
const LARGEST: &[u8] = b"1e308";

/// Makes strict JSON of what Go accepts as JSON: in strings, each byte that is not part of a
/// character in UTF-8, and each escape of a surrogate without its other half, becomes U+FFFD; a
/// number that no float can hold becomes a very large one, because Go parses a number only when it
/// is used. Everything else stays as it is, including invalid JSON. One pass; nothing is copied
/// when nothing has to be mended.
///
/// # Errors
/// [`JsonError::Depth`] when arrays and objects are nested more than [`DEPTH`] deep, and
/// [`JsonError::Values`] when there are more than [`VALUES`] values in all.
pub fn mend(bytes: &[u8]) -> Result<Cow<'_, [u8]>, JsonError> {
    let mut mended = Mended::new(bytes);
    let mut depth: usize = 0;
    let mut values: usize = 1;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string(&mut mended, at + 1),
            b'[' | b'{' => {
                depth += 1;
                if depth > DEPTH {
                    return Err(JsonError::Depth { at });
                }
                values += 1;
                at += 1;
            }
            // One value follows each: keys of objects do not count.
            b',' => {
                values += 1;
                at += 1;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'-' | b'0'..=b'9' => at = number(&mut mended, at),
            _ => at += 1,
        }
        if values > VALUES {
            return Err(JsonError::Values { at });
        }
    }
    Ok(mended.finish())
}

/// Mends the number that starts at `at`; returns the position after it.
fn number(mended: &mut Mended<'_>, at: usize) -> usize {
    let rest = &mended.bytes[at..];
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = rest.iter().take_while(|byte| is_part(byte)).count();
    let text = &rest[..length];
    // Shorter ones without an exponent are below the largest float.
    let may_be_large = length > 300 || text.iter().any(|byte| matches!(byte, b'e' | b'E'));
    let is_large = || {
        let text = std::str::from_utf8(text).ok()?;
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        text.parse().ok().map(f64::is_infinite)
    };
    if may_be_large && is_large() == Some(true) {
        mended.replace(at, length, LARGEST);
    }
    at + length
}

/// Mends a string from after its opening quotation mark; returns the position after it.
fn string(mended: &mut Mended<'_>, mut at: usize) -> usize {
    let bytes = mended.bytes;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => match surrogates(&bytes[at..]) {
                Escape::Lone => {
                    mended.replace(at, 6, REPLACEMENT);
                    at += 6;
                }
                Escape::Pair => at += 12,
                Escape::Other => at += 2,
            },
            0..=0x7f => at += 1,
            _ => match character(&bytes[at..]) {
                Some(length) => at += length,
                None => {
                    mended.replace(at, 1, REPLACEMENT);
                    at += 1;
                }
            },
        }
    }
    bytes.len()
}

/// The kind of an escape sequence.
enum Escape {
    /// A surrogate without its other half.
    Lone,
    /// Both halves of a character.
    Pair,
    /// Any other escape, or an invalid one.
    Other,
}

fn surrogates(escape: &[u8]) -> Escape {
    match (code_unit(escape), escape.get(6..).and_then(code_unit)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => Escape::Pair,
        (Some(0xd800..=0xdfff), _) => Escape::Lone,
        _ => Escape::Other,
    }
}

/// The value of `\uXXXX` at the start of `escape`.
fn code_unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |value: u16, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value << 4 | u16::try_from(digit).ok()?)
    })
}

/// The length in bytes of the character at the start of `bytes`, if it is complete.
fn character(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.first()? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?;
    Some(length)
}

/// The bytes as they are, until the first one is replaced.
struct Mended<'a> {
    bytes: &'a [u8],
    copy: Vec<u8>,
    /// How many of `bytes` are in `copy`.
    copied: usize,
}

impl<'a> Mended<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            copy: Vec::new(),
            copied: 0,
        }
    }

    /// Replaces `length` bytes.
    fn replace(&mut self, at: usize, length: usize, by: &[u8]) {
        self.copy.extend_from_slice(&self.bytes[self.copied..at]);
        self.copy.extend_from_slice(by);
        self.copied = at + length;
    }

    fn finish(mut self) -> Cow<'a, [u8]> {
        if self.copied == 0 {
            return Cow::Borrowed(self.bytes);
        }
        self.copy.extend_from_slice(&self.bytes[self.copied..]);
        Cow::Owned(self.copy)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mends_strings_alone() {
        for (given, mended) in [
            (&b"{\"a\":1}"[..], &b"{\"a\":1}"[..]),
            (b"\"\xff\"", b"\"\xef\xbf\xbd\""),
            (b"\"\xe2\x82\"", b"\"\xef\xbf\xbd\xef\xbf\xbd\""),
            (
                b"\"\xed\xa0\x80\"",
                b"\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
            ),
            (b"\"\xc0\xaf\"", b"\"\xef\xbf\xbd\xef\xbf\xbd\""),
            ("\"é€😀\"".as_bytes(), "\"é€😀\"".as_bytes()),
            (br#""\ud800""#, b"\"\xef\xbf\xbd\""),
            (br#""\uDFFF""#, b"\"\xef\xbf\xbd\""),
            (br#""\ud800\ud800""#, b"\"\xef\xbf\xbd\xef\xbf\xbd\""),
            (br#""\ud83d\ude00""#, br#""\ud83d\ude00""#),
            (br#""\\ud800""#, br#""\\ud800""#),
            (br#""\ud80""#, br#""\ud80""#),
            (br#""\"#, br#""\"#),
            (b"\xff", b"\xff"),
            (b"[1e999,-1E400]", b"[1e308,1e308]"),
            (b"[1e308,1e-999,-0,0.5]", b"[1e308,1e-999,-0,0.5]"),
            (b"\"1e999\"", b"\"1e999\""),
            (b"[1e9e9,1.e999,--]", b"[1e9e9,1.e999,--]"),
        ] {
            let found = mend(given).expect("shallow");
            assert_eq!(found.as_ref(), mended, "{}", given.escape_ascii());
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(mend(nested(DEPTH).as_bytes()).is_ok());
        let error = mend(nested(DEPTH + 1).as_bytes()).expect_err("too deep");
        assert!(matches!(error, JsonError::Depth { at: DEPTH }), "{error}");
        let flat = "[],".repeat(DEPTH + 1);
        assert!(mend(flat.as_bytes()).is_ok());
        let quoted = format!("\"{}\"", "[".repeat(DEPTH + 1));
        assert!(mend(quoted.as_bytes()).is_ok());
    }

    #[test]
    fn values_are_bounded() {
        // One for the array itself.
        let listed = |count: usize| format!("[{}]", vec!["0"; count].join(","));
        assert!(mend(listed(VALUES - 1).as_bytes()).is_ok());
        let error = mend(listed(VALUES).as_bytes()).expect_err("too many");
        assert!(matches!(error, JsonError::Values { .. }), "{error}");
        let nested = "[],".repeat(VALUES / 2 + 1);
        assert!(mend(nested.as_bytes()).is_err());
        let quoted = format!("\"{}\"", ",".repeat(VALUES));
        assert!(mend(quoted.as_bytes()).is_ok());
    }

    proptest! {
        /// Valid JSON stays as it is, and mending twice changes nothing more.
        #[test]
        fn is_idempotent(bytes: Vec<u8>, text: String) {
            let json = serde_json::to_vec(&text).expect("a string");
            let mended = mend(&json).expect("shallow");
            prop_assert_eq!(mended.as_ref(), &json[..]);
            let once = mend(&bytes).expect("shallow").into_owned();
            let twice = mend(&once).expect("shallow");
            prop_assert_eq!(twice.as_ref(), &once[..]);
        }

        /// Between quotation marks any bytes that need no escape are a string.
        #[test]
        fn any_bytes_make_a_string(bytes in proptest::collection::vec(0x20u8.., 0..64)) {
            let inner: Vec<u8> = bytes.into_iter().filter(|b| !matches!(b, b'"' | b'\\')).collect();
            let json = [&b"\""[..], &inner, b"\""].concat();
            let text: String = super::super::decode(&json).expect("a string");
            prop_assert_eq!(text.is_empty(), inner.is_empty());
        }
    }
}
