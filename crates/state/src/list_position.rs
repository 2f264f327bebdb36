//! The order of images in lists.

use std::cmp::Reverse;

use jiff::Timestamp;
use sockerless_reference::Digest;

/// The place of an image in a list: the newest first, those of one second in order of ID, and last
/// those without a time of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListPosition {
    /// Seconds since 1970; the least number when it is not known.
    seconds: Reverse<i64>,
    id: Digest,
}

impl ListPosition {
    /// The place of the images with this ID and time of creation.
    pub fn new(created: Option<Timestamp>, id: Digest) -> Self {
        Self::at(created.map_or(i64::MIN, Timestamp::as_second), id)
    }

    /// The ID of the images.
    pub fn id(self) -> Digest {
        self.id
    }

    /// The seconds as a column stores them.
    pub(crate) fn seconds(self) -> i64 {
        self.seconds.0
    }

    pub(crate) fn at(seconds: i64, id: Digest) -> Self {
        Self {
            seconds: Reverse(seconds),
            id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let time = |second| Some(Timestamp::from_second(second).expect("a time"));
        let (a, b) = (Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32]));
        let sorted = [
            ListPosition::new(time(9), b),
            ListPosition::new(time(5), a),
            ListPosition::new(time(5), b),
            ListPosition::new(time(-5), a),
            ListPosition::new(None, a),
            ListPosition::new(None, b),
        ];
        assert!(sorted.is_sorted());
        let same = Timestamp::new(5, 999).expect("a time");
        assert_eq!(ListPosition::new(Some(same), a), sorted[1], "to the second");
    }
}
