//! Flushes a file to the disk in the background while it is written.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

/// Bytes after which a flush is started.
const STEP: u64 = 16 << 20;

/// A thread that flushes a file while it is written, so that little is left to flush at the end.
#[derive(Debug)]
pub(crate) struct Flusher {
    /// Holds at most one pending flush.
    wanted: SyncSender<()>,
    waiting: u64,
    thread: JoinHandle<io::Result<()>>,
}

/// The last flush of a file, which runs in the background.
#[derive(Debug)]
pub(crate) struct Flushing(JoinHandle<io::Result<()>>);

impl Flusher {
    pub(crate) fn start(file: File) -> io::Result<Self> {
        let (wanted, asked) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("content-flusher".to_owned())
            .spawn(move || flush(&file, &asked))?;
        Ok(Self {
            wanted,
            waiting: 0,
            thread,
        })
    }

    /// Notes that this many more bytes were written.
    pub(crate) fn written(&mut self, bytes: u64) {
        self.waiting += bytes;
        if self.waiting >= STEP {
            match self.wanted.try_send(()) {
                // If the thread has ended, it has an error to return.
                Ok(()) | Err(TrySendError::Disconnected(())) => self.waiting = 0,
                // It is still busy with the previous flush.
                Err(TrySendError::Full(())) => {}
            }
        }
    }

    /// Flushes what is left, without waiting for it.
    pub(crate) fn finish(self) -> Flushing {
        // When it is full, the pending flush covers the rest.
        let _ = self.wanted.try_send(());
        Flushing(self.thread)
    }
}

impl Flushing {
    /// Waits for the flush. The system reports a failed flush only once: here.
    pub(crate) fn wait(self) -> io::Result<()> {
        let flushed = self.0.join();
        flushed.unwrap_or_else(|_| Err(io::Error::other("the thread that flushes has panicked")))
    }
}

fn flush(file: &File, asked: &Receiver<()>) -> io::Result<()> {
    while asked.recv().is_ok() {
        file.sync_data()?;
    }
    Ok(())
}
