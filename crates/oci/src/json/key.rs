//! Object keys, matched without regard to case.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Visitor};

/// Reads an object key as one of these, given in lower case; `None` for any other.
///
/// Go, and so Docker, matches keys without regard to case: Spring Boot writes `Config` and `RootFS`.
#[derive(Debug, Clone, Copy)]
pub struct Key(pub &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, found: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|key| same_key(key, found)).copied())
    }
}

/// Whether Go treats two keys as the same.
pub fn same_key(one: &str, other: &str) -> bool {
    let folded = |text: &'_ str| text.chars().map(fold).collect::<Vec<char>>();
    match one.is_ascii() && other.is_ascii() {
        true => one.eq_ignore_ascii_case(other),
        false => folded(one) == folded(other),
    }
}

/// Folds the case of a letter. Beyond ASCII, only letters that fold to ASCII matter: every known
/// key is ASCII.
fn fold(letter: char) -> char {
    match letter {
        // LATIN SMALL LETTER LONG S and KELVIN SIGN.
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        letter => letter.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_as_go_folds_them() {
        for (one, other, same) in [
            ("rootfs", "RootFS", true),
            ("rootfs", "root_fs", false),
            ("os.version", "OS.Version", true),
            ("os", "o\u{17f}", true),
            ("token", "to\u{212a}en", true),
            ("e", "é", false),
        ] {
            assert_eq!(same_key(one, other), same, "{one} {other}");
        }
    }
}
