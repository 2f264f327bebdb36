//! The sha256 digest type: parsing, formatting and computing it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;

/// Characters of an invalid digest that an error shows: enough for a whole one with its algorithm.
const SHOWN: usize = 80;

/// A sha256 content digest: `sha256:` and 64 lower-case hexadecimal characters.
///
/// Of the algorithms that the [OCI image specification] registers, only sha256 is used for images
/// in the wild; any other is [`DigestError::Unsupported`], never silently unverified.
///
/// Ordered like its text, so a range of digests is a range of prefixes.
///
/// [OCI image specification]: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// Why a string is not a digest that can be verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// It does not have the form `algorithm:hex`, or has an invalid character.
    #[error("invalid checksum digest format")]
    Format,
    /// The algorithm is not sha256.
    #[error("unsupported digest algorithm: only sha256 is supported")]
    Unsupported,
    /// A sha256 digest that does not have 64 hexadecimal characters.
    #[error("invalid checksum digest length")]
    Length,
}

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Makes a digest from its 32 bytes, as a hasher or a database gives them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 hexadecimal characters without the algorithm.
    pub fn hex(&self) -> String {
        let mut text = String::with_capacity(64);
        push_hex(&mut text, &self.0);
        text
    }

    /// The first 12 hexadecimal characters: Docker's short form of an ID.
    pub fn short(&self) -> String {
        let mut text = String::with_capacity(12);
        push_hex(&mut text, &self.0[..6]);
        text
    }

    /// Parses 64 lower-case hexadecimal characters.
    ///
    /// # Errors
    /// [`DigestError::Length`] for another length, [`DigestError::Format`] for another character.
    pub fn from_hex(hex: &str) -> Result<Self, DigestError> {
        if hex.len() != 64 {
            return Err(DigestError::Length);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let high = nibble(pair[0]).ok_or(DigestError::Format)?;
            let low = nibble(pair[1]).ok_or(DigestError::Format)?;
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

/// The value of a lower-case hexadecimal character.
pub(crate) fn nibble(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

fn is_algorithm(text: &str) -> bool {
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    !text.is_empty() && text.bytes().all(|b| lower(b) || b"+.-_".contains(&b))
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (algorithm, hex) = text.split_once(':').ok_or(DigestError::Format)?;
        match algorithm {
            "sha256" => Self::from_hex(hex),
            _ if is_algorithm(algorithm) => Err(DigestError::Unsupported),
            _ => Err(DigestError::Format),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|error| {
            let shown: String = text.chars().take(SHOWN).collect();
            serde::de::Error::custom(format!("{error}: {shown:?}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            Digest::of(b""),
            format!("sha256:{hex}").parse().expect("valid")
        );
        assert_eq!(Digest::of(b"").to_string(), format!("sha256:{hex}"));
        assert_eq!(Digest::of(b"").short(), "e3b0c44298fc");
        for (text, error) in [
            ("", DigestError::Format),
            (hex, DigestError::Format),
            ("sha256:", DigestError::Length),
            ("sha256:e3b0", DigestError::Length),
            (
                &format!("sha256:{}", hex.to_uppercase()),
                DigestError::Format,
            ),
            (&format!("sha256:{}g", &hex[..63]), DigestError::Format),
            (&format!("sha512:{hex}{hex}"), DigestError::Unsupported),
            (&format!("sha256+b64u:{hex}"), DigestError::Unsupported),
            (&format!("SHA256:{hex}"), DigestError::Format),
            (&format!(":{hex}"), DigestError::Format),
            (&format!("a/b:{hex}"), DigestError::Format),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(error), "{text}");
        }
    }

    #[test]
    fn another_algorithm_in_a_document() {
        let text = format!("\"sha512:{}\"", "0".repeat(128));
        let error = serde_json::from_str::<Digest>(&text).expect_err("sha512");
        let expected = "unsupported digest algorithm: only sha256 is supported: \"sha512:000";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
