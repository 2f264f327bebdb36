//! The output of a process, line by line.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The output of a process, as it arrives.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: Lines,
    followers: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default, Clone)]
struct Lines(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Log {
    /// Reads every line of `source` on a thread of its own.
    pub(crate) fn follow(&mut self, source: impl Read + Send + 'static) {
        let lines = self.lines.clone();
        self.followers.push(std::thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                lines.lock().push(line);
                lines.0.1.notify_all();
            }
        }));
    }

    /// All of it, when the process has ended.
    pub(crate) fn whole(mut self) -> String {
        for follower in self.followers.drain(..) {
            // A reading thread cannot panic; if one did, its lines up to then are there.
            let _ended = follower.join();
        }
        self.text()
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        self.lines.lock().join("\n")
    }

    /// Waits until `found` returns a value for a line; `None` after `patience`.
    pub(crate) fn wait<T>(
        &self,
        patience: Duration,
        mut found: impl FnMut(&str) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut lines = self.lines.lock();
        let mut seen = 0;
        loop {
            while let Some(line) = lines.get(seen) {
                if let Some(value) = found(line) {
                    return Some(value);
                }
                seen += 1;
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            lines = self
                .lines
                .0
                .1
                .wait_timeout(lines, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
