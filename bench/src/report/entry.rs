use std::time::Duration;

use crate::measure::Sample;

/// One contestant of a row, with a sample for each round.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: String,
    /// One for each round; never empty.
    pub(crate) samples: Vec<Sample>,
}

impl Entry {
    /// The median of the figures.
    pub(crate) fn median(&self) -> f64 {
        self.middle(|sample| Some(sample.figure()))
            .unwrap_or(f64::NAN)
    }

    /// The best of the figures.
    pub(crate) fn best(&self, more_is_better: bool) -> f64 {
        let figures = self.samples.iter().map(Sample::figure);
        let best = figures.reduce(if more_is_better { f64::max } else { f64::min });
        best.unwrap_or(f64::NAN)
    }

    /// User and system seconds.
    pub(crate) fn cpu(&self) -> f64 {
        self.middle(|sample| Some(sample.usage.cpu))
            .as_ref()
            .map_or(f64::NAN, Duration::as_secs_f64)
    }

    /// The most memory of all rounds, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let peaks = self.samples.iter().map(|sample| sample.peak_memory);
        peaks.max().unwrap_or(0)
    }

    /// Bytes written to disk.
    pub(crate) fn written(&self) -> u64 {
        self.middle(|sample| Some(sample.usage.written))
            .unwrap_or(0)
    }

    /// Bytes sent to a registry.
    pub(crate) fn sent(&self) -> Option<u64> {
        self.middle(|sample| sample.sent)
    }

    /// Bytes of a registry's content.
    pub(crate) fn registry(&self) -> Option<u64> {
        self.middle(|sample| sample.registry)
    }

    /// The middle one; of an even number the smaller of both.
    fn middle<T: PartialOrd + Copy>(&self, of: impl Fn(&Sample) -> Option<T>) -> Option<T> {
        let mut values: Vec<T> = self.samples.iter().filter_map(of).collect();
        values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
        values.get(values.len().saturating_sub(1) / 2).copied()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::measure::Usage;

    /// An entry that took so many seconds.
    pub(in crate::report) fn entry(name: &str, seconds: &[f64]) -> Entry {
        let sample = |&seconds: &f64| Sample {
            wall: Duration::from_secs_f64(seconds),
            usage: Usage {
                cpu: Duration::from_secs(1),
                written: 2_000_000,
                passed_on: 0,
            },
            peak_memory: 3 << 20,
            result: None,
            sent: None,
            registry: None,
        };
        Entry {
            name: name.to_owned(),
            samples: seconds.iter().map(sample).collect(),
        }
    }

    #[test]
    fn the_median_is_a_round_that_was() {
        assert_eq!(entry("a", &[3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(entry("a", &[4.0, 1.0]).median(), 1.0);
        assert_eq!(entry("a", &[4.0]).median(), 4.0);
    }

    #[test]
    fn the_best_is_the_smallest_or_the_largest() {
        assert_eq!(entry("a", &[3.0, 1.0, 2.0]).best(false), 1.0);
        assert_eq!(entry("a", &[3.0, 1.0, 2.0]).best(true), 3.0);
    }
}
