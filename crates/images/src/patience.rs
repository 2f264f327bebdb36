//! How slow a client may be, and how much longer it is waited for.

use std::time::Duration;

/// How slow a client may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long it is waited for when nothing is transferred.
    pub limit: Duration,
    /// Bytes a second that have to be transferred while it is waited for, on average. With 0 any
    /// byte is enough.
    pub rate: u64,
}

/// How much longer a client is waited for.
///
/// Waiting uses it up, and bytes that are transferred earn it back, at the rate that the pace asks
/// for. Time that this side takes does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    pace: Pace,
    left: Duration,
}

impl Patience {
    /// The full patience of `pace`.
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            left: pace.limit,
        }
    }

    /// How long the client may still be waited for. Zero when that is over.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Records a wait for the client.
    pub fn waited(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    /// Records bytes that were transferred.
    pub fn moved(&mut self, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let earned = match self.pace.rate {
            0 => self.pace.limit,
            rate => Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / rate),
        };
        self.left = self.left.saturating_add(earned).min(self.pace.limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_uses_it_up_and_bytes_earn_it_back() {
        let seconds = Duration::from_secs;
        let pace = |rate| Pace {
            limit: seconds(10),
            rate,
        };
        let mut patience = Patience::new(pace(100));
        patience.waited(seconds(4));
        assert_eq!(patience.left(), seconds(6));
        patience.moved(100);
        assert_eq!(patience.left(), seconds(7));
        patience.moved(u64::MAX);
        assert_eq!(patience.left(), seconds(10), "never more than the limit");
        patience.waited(seconds(11));
        assert_eq!(patience.left(), seconds(0));
        patience.moved(0);
        assert_eq!(patience.left(), seconds(0));

        let mut patience = Patience::new(pace(0));
        patience.waited(seconds(9));
        patience.moved(1);
        assert_eq!(patience.left(), seconds(10));
    }
}
