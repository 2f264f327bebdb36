//! When a failed operation can no longer be done.
//!
//! A daemon that was killed, or that timed out, may have sent a `COMMIT` that the database still
//! has to read. It certainly has read it when its side has closed all connections of the daemon
//! from that time: a *barrier*.

use std::sync::atomic::{AtomicU64, Ordering};

/// The barriers of one daemon's connections.
#[derive(Debug, Default)]
pub(crate) struct Barriers {
    begun: AtomicU64,
    passed: AtomicU64,
}

/// The barrier of a daemon after which an outcome is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) daemon: usize,
    barrier: u64,
}

impl Barriers {
    /// Records that one begins: the connections are closed next.
    pub(crate) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
    }

    /// Records that all those connections are closed.
    pub(crate) fn pass(&self) {
        self.passed.fetch_add(1, Ordering::SeqCst);
    }

    /// For an operation to which a running daemon has responded with an error: it is settled by the
    /// next barrier.
    pub(crate) fn after_an_error(&self, daemon: usize) -> Mark {
        let barrier = self.begun.load(Ordering::SeqCst) + 1;
        Mark { daemon, barrier }
    }

    /// For an operation that ended with its daemon: the barrier of that end has begun before.
    pub(crate) fn after_an_end(&self, daemon: usize) -> Mark {
        let barrier = self.begun.load(Ordering::SeqCst);
        Mark { daemon, barrier }
    }

    pub(crate) fn has_passed(&self, mark: Mark) -> bool {
        self.passed.load(Ordering::SeqCst) >= mark.barrier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_wants_a_barrier_of_its_own() {
        let barriers = Barriers::default();
        barriers.begin();
        let (error, end) = (barriers.after_an_error(0), barriers.after_an_end(0));
        assert!(!barriers.has_passed(error) && !barriers.has_passed(end));
        barriers.pass();
        assert!(!barriers.has_passed(error) && barriers.has_passed(end));
        barriers.begin();
        assert!(!barriers.has_passed(error));
        barriers.pass();
        assert!(barriers.has_passed(error));
    }
}
