//! Retries: how often, after which wait, and who is notified.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Fault;

/// How often an operation is tried, and how long to wait between two tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Total number of tries, including the first.
    pub tries: u32,
    /// The wait before the second try; it doubles with each try.
    pub base: Duration,
    /// The longest wait, even if the registry's `Retry-After` asks for a longer one.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    /// Six tries in about half a minute, no wait longer than a minute.
    fn default() -> Self {
        Self {
            tries: 6,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// The wait before try `next` (the second is 1), without jitter.
    fn wait(&self, next: u32, asked: Option<Duration>) -> Duration {
        let doubled = self
            .base
            .saturating_mul(1_u32.checked_shl(next - 1).unwrap_or(u32::MAX));
        asked.unwrap_or_default().max(doubled).min(self.cap)
    }

    pub(crate) fn begin(&self, listener: RetryListener) -> Tries {
        Tries {
            policy: *self,
            failed: 0,
            listener,
        }
    }
}

/// A transient failure, and the wait before the next try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// What went wrong, without a secret.
    pub why: String,
    /// How long it takes until the next try.
    pub wait: Duration,
}

/// Is notified of each retry.
#[derive(Clone, Default)]
pub struct RetryListener(Option<Arc<dyn Fn(Retry) + Send + Sync>>);

impl RetryListener {
    /// Calls `listen` before each wait. It must not block.
    pub fn new(listen: impl Fn(Retry) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listen)))
    }

    /// A listener that does nothing.
    pub fn none() -> Self {
        Self(None)
    }

    fn tell(&self, fault: &Fault, wait: Duration) {
        if let Some(listen) = &self.0 {
            let why = fault.to_string();
            listen(Retry { why, wait });
        }
    }
}

impl fmt::Debug for RetryListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryListener(..)")
    }
}

/// The tries of one operation.
#[derive(Debug)]
pub(crate) struct Tries {
    policy: RetryPolicy,
    failed: u32,
    listener: RetryListener,
}

impl Tries {
    /// Waits for the next try, or returns the fault if it is final or no try is left.
    pub(crate) async fn after(&mut self, fault: Fault) -> Result<(), Fault> {
        if !fault.is_retryable() {
            return Err(fault);
        }
        self.again(fault).await
    }

    /// As [`Tries::after`], for a fault that is known to be retryable.
    pub(crate) async fn again(&mut self, fault: Fault) -> Result<(), Fault> {
        self.failed += 1;
        if self.failed >= self.policy.tries {
            return Err(fault);
        }
        let asked = fault.retry_after();
        let wait = self.policy.wait(self.failed, asked);
        // Never earlier than the registry asked for; otherwise anywhere in the upper half.
        let wait = if asked.is_some() { wait } else { jitter(wait) };
        tracing::debug!(%fault, ?wait, "trying again");
        self.listener.tell(&fault, wait);
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Restarts the count: the last try made progress.
    pub(crate) fn reset(&mut self) {
        self.failed = 0;
    }
}

/// Between half of `wait` and all of it, so that many clients do not retry at once.
fn jitter(wait: Duration) -> Duration {
    // A new `RandomState` has new keys: random enough for this.
    let chance = RandomState::new().hash_one(0_u8) >> 32;
    let half = wait / 2;
    half + half.mul_f64(chance as f64 / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> = (1..9)
            .map(|next| policy.wait(next, None).as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(policy.wait(1, Some(Duration::from_secs(7))).as_secs(), 7);
        assert_eq!(
            policy.wait(1, Some(Duration::from_secs(7000))).as_secs(),
            60
        );
        assert_eq!(policy.wait(200, None).as_secs(), 60);
    }

    #[test]
    fn jitter_stays_in_the_upper_half() {
        for _ in 0..100 {
            let wait = jitter(Duration::from_secs(10));
            assert!((5.0..=10.0).contains(&wait.as_secs_f64()), "{wait:?}");
        }
    }

    #[tokio::test]
    async fn tries_are_bounded_and_final_faults_are_final() {
        let policy = RetryPolicy {
            tries: 3,
            base: Duration::ZERO,
            cap: Duration::ZERO,
        };
        let broken = || Fault::Connection("reset".into());
        let (sender, heard) = std::sync::mpsc::sync_channel(2);
        let listener = RetryListener::new(move |retry| sender.send(retry).expect("listened to"));
        let mut tries = policy.begin(listener.clone());
        assert!(tries.after(broken()).await.is_ok());
        assert!(tries.after(broken()).await.is_ok());
        assert!(tries.after(broken()).await.is_err());
        for lasting in [
            Fault::Malformed("x".into()),
            Fault::Unreachable("refused".into()),
        ] {
            let mut tries = policy.begin(listener.clone());
            assert!(tries.after(lasting).await.is_err());
        }
        let told = Retry {
            why: "reset".to_owned(),
            wait: Duration::ZERO,
        };
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), [told.clone(), told]);
    }
}
