use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long after a fault operations may still fail because of it: a lost connection is only
/// noticed when it is used next.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// The current faults, to distinguish errors that they explain from others.
#[derive(Debug, Default)]
pub(crate) struct Weather(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    faults: usize,
    cleared: Option<Instant>,
}

impl Weather {
    pub(crate) fn begins(&self) {
        self.lock().faults += 1;
    }

    pub(crate) fn ends(&self) {
        let mut state = self.lock();
        state.faults -= 1;
        state.cleared = Some(Instant::now());
    }

    /// Whether there was a fault at any time since then, or shortly before.
    pub(crate) fn explains(&self, since: Instant) -> bool {
        let state = self.lock();
        state.faults > 0
            || state
                .cleared
                .is_some_and(|cleared| cleared + AFTERWARDS >= since)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
