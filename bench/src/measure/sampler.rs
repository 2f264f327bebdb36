use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Tree;

/// How often memory is sampled. A single process keeps its own peak, so this only matters for those
/// that start helpers, and for commands, whose peak is lost at their end.
const INTERVAL: Duration = Duration::from_millis(50);

/// Samples the memory of a tree of processes while they work.
#[derive(Debug)]
pub(crate) struct Sampler {
    tree: Tree,
    state: Arc<State>,
    thread: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    stopped: AtomicBool,
    peak: AtomicU64,
}

impl State {
    fn look(&self, tree: Tree) {
        let now = tree.memory().max(tree.largest_peak());
        self.peak.fetch_max(now, Ordering::Relaxed);
    }
}

impl Sampler {
    /// Starts sampling.
    pub(crate) fn start(tree: Tree) -> Self {
        let state = Arc::new(State::default());
        let thread = std::thread::spawn({
            let state = Arc::clone(&state);
            move || {
                while !state.stopped.load(Ordering::Acquire) {
                    state.look(tree);
                    std::thread::park_timeout(INTERVAL);
                }
            }
        });
        Self {
            tree,
            state,
            thread,
        }
    }

    /// Samples once more and returns the maximum, in bytes.
    pub(crate) fn stop(self) -> u64 {
        self.state.stopped.store(true, Ordering::Release);
        self.thread.thread().unpark();
        self.state.look(self.tree);
        // It cannot panic; if it did, the samples until then count.
        let _ended = self.thread.join();
        self.state.peak.load(Ordering::Relaxed)
    }
}
