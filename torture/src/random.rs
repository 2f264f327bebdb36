/// Random numbers that are the same for the same seed: `SplitMix64`.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// One of the sequences of a seed.
    pub(crate) fn branch(seed: u64, number: usize) -> Self {
        let mut random = Self(seed ^ (number as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Self(random.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when that is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // Both fit: indexes are small.
        (self.next() % bound.max(1) as u64) as usize
    }

    /// True so many times of a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_for_the_same_seed() {
        let numbers = |mut random: Random| (0..9).map(move |_| random.next()).collect::<Vec<_>>();
        assert_eq!(numbers(Random::branch(1, 0)), numbers(Random::branch(1, 0)));
        assert_eq!(numbers(Random::branch(1, 2)), numbers(Random::branch(1, 2)));
        assert_ne!(numbers(Random::branch(1, 2)), numbers(Random::branch(1, 3)));
        assert_ne!(numbers(Random::branch(1, 2)), numbers(Random::branch(2, 2)));
    }
}
