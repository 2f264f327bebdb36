use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::End;

/// How often conditions without notification are checked.
const LOOK: Duration = Duration::from_millis(20);

/// How many operations the clients have done. Faults wait for it, not for time.
#[derive(Debug)]
pub(crate) struct Progress {
    end: End,
    begun: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    operations: u64,
    /// Clients that have stopped, or all of them when they have to.
    stopped: usize,
    /// Whether every kind of fault has happened.
    all_faults: bool,
}

impl Progress {
    pub(crate) fn new(end: End) -> Self {
        Self {
            end,
            begun: Instant::now(),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn operation(&self) {
        self.lock().operations += 1;
        self.changed.notify_all();
    }

    pub(crate) fn operations(&self) -> u64 {
        self.lock().operations
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Records that there was a fault of every kind.
    pub(crate) fn all_faults(&self) {
        self.lock().all_faults = true;
    }

    /// Whether the clients have to stop.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.lock();
        let enough = match self.end {
            End::Operations(operations) => state.operations >= operations,
            End::Time(time) => self.begun.elapsed() >= time,
        };
        enough && state.all_faults
    }

    /// Records that a client has stopped.
    pub(crate) fn stopped(&self) {
        self.lock().stopped += 1;
        self.changed.notify_all();
    }

    /// Waits until so many more operations are done. False when a client stops before that.
    pub(crate) fn wait(&self, operations: u64) -> bool {
        let mut state = self.lock();
        let wanted = state.operations + operations;
        while state.operations < wanted && state.stopped == 0 {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.operations >= wanted
    }

    /// Waits until a condition holds, or a client stops. The condition is polled.
    pub(crate) fn wait_for(&self, wanted: impl Fn() -> bool) {
        let mut state = self.lock();
        while state.stopped == 0 && !wanted() {
            state = self
                .changed
                .wait_timeout(state, LOOK)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
