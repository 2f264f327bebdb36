use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

/// Bytes after which the disk is told to begin.
const STEP: u64 = 16 << 20;

/// A thread that has a file brought to the disk while it is written, so that little is left to
/// wait for at the end.
#[derive(Debug)]
pub(crate) struct Flusher {
    /// Asked for at most one flush at a time.
    wanted: SyncSender<()>,
    waiting: u64,
    thread: JoinHandle<io::Result<()>>,
}

/// The last flush of a file, which goes on by itself.
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

    /// Notes that so many bytes more were written.
    pub(crate) fn written(&mut self, bytes: u64) {
        self.waiting += bytes;
        if self.waiting >= STEP {
            match self.wanted.try_send(()) {
                // Ended, it has an error to tell.
                Ok(()) | Err(TrySendError::Disconnected(())) => self.waiting = 0,
                // It is still busy with what came before.
                Err(TrySendError::Full(())) => {}
            }
        }
    }

    /// Flushes what is left, without waiting for it.
    pub(crate) fn finish(self) -> Flushing {
        // When it is full, the flush that waits there does it.
        let _ = self.wanted.try_send(());
        Flushing(self.thread)
    }
}

impl Flushing {
    /// Waits for it. The system tells a failed flush only once: here.
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
