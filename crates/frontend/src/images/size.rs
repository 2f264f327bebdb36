//! How responses show a number of bytes.

/// How Docker and its command line write an unknown size.
const UNKNOWN: i64 = -1;

/// A number of bytes for a response; -1 when it is not known.
pub(crate) fn shown(bytes: Option<u64>) -> i64 {
    bytes.map_or(UNKNOWN, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(shown(None), -1);
        assert_eq!(shown(Some(0)), 0);
        assert_eq!(shown(Some(12)), 12);
        assert_eq!(shown(Some(u64::MAX)), i64::MAX);
    }
}
