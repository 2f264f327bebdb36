//! A command, which may be written as a list or as one string.

use serde::de::SeqAccess;

use crate::json::Lenient;

/// A command: a list of strings, or one string, which is a list of one.
#[derive(Debug)]
pub(super) struct Words(Vec<String>);

impl Lenient for Words {
    fn text(text: &str) -> Option<Self> {
        Some(Self(vec![text.to_owned()]))
    }

    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        Ok(Vec::list(list)?.map(Self))
    }
}

impl From<Words> for Vec<String> {
    fn from(Words(words): Words) -> Self {
        words
    }
}

impl From<Words> for Option<Vec<String>> {
    fn from(Words(words): Words) -> Self {
        Some(words)
    }
}
