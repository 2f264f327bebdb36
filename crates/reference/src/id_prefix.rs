//! The start of an image ID, and the range of digests that it stands for.

use crate::Digest;
use crate::digest::nibble;

/// The first 1 to 64 lower-case hexadecimal characters of an image ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdPrefix(Box<str>);

impl IdPrefix {
    /// Parses a prefix, with or without `sha256:` before it; `None` if `text` is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        let valid = (1..=64).contains(&hex.len()) && hex.bytes().all(|b| nibble(b).is_some());
        valid.then(|| Self(hex.into()))
    }

    /// The hexadecimal characters, without `sha256:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lowest and the highest digest with this prefix, both inclusive: the range to look up
    /// in an index.
    pub fn bounds(&self) -> (Digest, Digest) {
        let (mut lowest, mut highest) = ([0x00; 32], [0xff; 32]);
        for (at, value) in self.0.bytes().filter_map(nibble).enumerate() {
            let shift = shift(at);
            lowest[at / 2] |= value << shift;
            highest[at / 2] &= value << shift | 0xf0 >> shift;
        }
        (Digest::from_bytes(lowest), Digest::from_bytes(highest))
    }

    /// Whether `digest` begins with this prefix.
    pub fn matches(&self, digest: &Digest) -> bool {
        self.0.bytes().enumerate().all(|(at, character)| {
            nibble(character) == Some(digest.as_bytes()[at / 2] >> shift(at) & 15)
        })
    }
}

/// How far left the nibble at this position is shifted in its byte.
fn shift(at: usize) -> u32 {
    if at.is_multiple_of(2) { 4 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let full = "0123456789abcdef".repeat(4);
        for (text, hex) in [
            ("4", Some("4")),
            ("44", Some("44")),
            ("sha256:4", Some("4")),
            ("c0ffee", Some("c0ffee")),
            (&full, Some(full.as_str())),
            (&format!("sha256:{full}"), Some(full.as_str())),
            (&format!("{full}0"), None),
            ("", None),
            ("sha256:", None),
            ("sha256", None),
            ("sha512:44", None),
            ("sha256:sha256:44", None),
            ("C0FFEE", None),
            ("coffee", None),
            ("44:latest", None),
        ] {
            assert_eq!(
                IdPrefix::parse(text).as_ref().map(IdPrefix::as_str),
                hex,
                "{text}"
            );
        }
    }

    #[test]
    fn bounds_of_even_odd_and_full_lengths() {
        for hex in ["0", "a", "f", "ab", "abc", &"5".repeat(63), &"5".repeat(64)] {
            let prefix = IdPrefix::parse(hex).expect("valid");
            let pad = |with: &str| format!("{hex}{}", with.repeat(64 - hex.len()));
            let (lowest, highest) = prefix.bounds();
            assert_eq!((lowest.hex(), highest.hex()), (pad("0"), pad("f")));
            assert!(prefix.matches(&lowest) && prefix.matches(&highest), "{hex}");
        }
        let prefix = IdPrefix::parse("abc").expect("valid");
        for other in [
            format!("abb{}", "f".repeat(61)),
            format!("abd{}", "0".repeat(61)),
        ] {
            assert!(
                !prefix.matches(&Digest::from_hex(&other).expect("valid")),
                "{other}"
            );
        }
    }
}
