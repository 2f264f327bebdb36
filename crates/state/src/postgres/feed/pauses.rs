//! Growing, randomized pauses between attempts to reach the database.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// The longest pause after the first attempt; it doubles from one to the next.
const FIRST: Duration = Duration::from_millis(200);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// Pauses between attempts to reach a database. They grow, and each is shortened randomly, so that
/// many daemons that lost it together do not reconnect together.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    count: u32,
}

impl Pauses {
    /// Whether no attempt has failed since the last success.
    pub(super) fn is_first(&self) -> bool {
        self.count == 0
    }

    pub(super) fn reset(&mut self) {
        self.count = 0;
    }

    pub(super) fn next(&mut self) -> Duration {
        let longest = FIRST.saturating_mul(1 << self.count.min(10)).min(LONGEST);
        self.count = self.count.saturating_add(1);
        // The keys of every new hasher are random, which is random enough for this.
        let chance = RandomState::new().hash_one(self.count) % 1000;
        longest / 2 + longest.mul_f64(chance as f64 / 2000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_grow_up_to_a_bound() {
        let mut pauses = Pauses::default();
        assert!(pauses.is_first());
        let mut longest = FIRST;
        for _ in 0..100 {
            let pause = pauses.next();
            assert!(!pauses.is_first());
            assert!(pause >= longest / 2 && pause <= longest, "{pause:?}");
            longest = (longest * 2).min(LONGEST);
        }
        pauses.reset();
        assert!(pauses.is_first());
        assert!(pauses.next() <= FIRST);
    }
}
