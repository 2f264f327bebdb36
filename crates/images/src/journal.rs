//! The form of values in log lines.

use std::time::Instant;

use sockerless_reference::{Digest, Reference};
use sockerless_state::Layer;

/// Names that a log line lists; further ones are only counted.
const NAMES: usize = 8;

/// Whole milliseconds since `begun`.
pub(crate) fn since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Bytes of all these layers, as they are compressed.
pub(crate) fn bytes<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> u64 {
    let sizes = layers.into_iter().map(|layer| layer.size);
    sizes.fold(0, u64::saturating_add)
}

/// The first names, and how many more there are.
pub(crate) fn names(names: &[(Reference, Digest)]) -> String {
    let first = names.iter().take(NAMES).map(|(name, _)| name.familiar());
    let mut text = first.collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMES);
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_counted() {
        let named = |count: usize| {
            let name = |n| (format!("a:{n}").parse().expect("a name"), Digest::of(""));
            names(&(0..count).map(name).collect::<Vec<_>>())
        };
        assert_eq!(named(0), "");
        assert_eq!(named(2), "a:0, a:1");
        assert!(named(1000).ends_with("a:7 and 992 more"));
    }
}
