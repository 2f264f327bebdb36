//! A file that is being written, by the caller or, when it is large, by a thread of its own.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use tempfile::{NamedTempFile, TempPath};

use crate::Error;
use crate::flusher::{Flusher, Flushing};

/// Bytes that the caller writes itself; a larger blob gets its own threads.
const SMALL: u64 = 1 << 20;

/// Capacity of the channel to the writing thread, in pieces.
const QUEUE: usize = 4;

/// A file that is being written. A large one is written and flushed by other threads while the
/// caller's thread hashes.
#[derive(Debug)]
pub(crate) struct Spool {
    path: TempPath,
    written: u64,
    /// Whether it must be durable in the end.
    lasting: bool,
    to: To,
}

/// A file that was written.
#[derive(Debug)]
pub(crate) struct Spooled {
    pub(crate) path: TempPath,
    /// The flush that is still running.
    pub(crate) flushing: Option<Flushing>,
}

#[derive(Debug)]
enum To {
    /// Written by the caller.
    Here(File),
    /// Written by a thread, which ends when the channel is closed.
    Thread {
        pieces: SyncSender<Bytes>,
        thread: JoinHandle<io::Result<Option<Flushing>>>,
    },
    /// A thread has failed, and its error was returned.
    Failed,
}

impl Spool {
    /// An empty file in `folder`.
    pub(crate) fn new(folder: &Path, lasting: bool) -> Result<Self, Error> {
        let file = NamedTempFile::new_in(folder).map_err(Error::io("create a file in", folder))?;
        let (file, path) = file.into_parts();
        Ok(Self {
            path,
            written: 0,
            lasting,
            to: To::Here(file),
        })
    }

    /// Lets `fill` write the beginning, before any other bytes.
    pub(crate) fn filled(
        mut self,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Self, Error> {
        if let To::Here(file) = &mut self.to {
            fill(file).map_err(Error::io("write", &*self.path))?;
        }
        Ok(self)
    }

    /// Appends `bytes`. The error of a thread is returned by a later call or at the end.
    pub(crate) fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.written += bytes.len() as u64;
        if self.written > SMALL {
            self.start()?;
        }
        match &mut self.to {
            To::Here(file) => file
                .write_all(&bytes)
                .map_err(Error::io("write", &*self.path)),
            To::Thread { pieces, .. } => match pieces.send(bytes) {
                Ok(()) => Ok(()),
                Err(_) => self.join().map(drop),
            },
            To::Failed => Ok(()),
        }
    }

    /// Closes the file, when all of it is written.
    pub(crate) fn finish(mut self) -> Result<Spooled, Error> {
        let flushing = self.join()?;
        let path = self.path;
        Ok(Spooled { path, flushing })
    }

    /// Starts the thread that writes from here on.
    fn start(&mut self) -> Result<(), Error> {
        let To::Here(file) = &self.to else {
            return Ok(());
        };
        let begin = || {
            let file = file.try_clone()?;
            let flusher = match self.lasting {
                true => Some(Flusher::start(file.try_clone()?)?),
                false => None,
            };
            let (pieces, received) = sync_channel(QUEUE);
            let thread = thread::Builder::new()
                .name("content-writer".to_owned())
                .spawn(move || write(&file, &received, flusher))?;
            Ok(To::Thread { pieces, thread })
        };
        self.to = begin().map_err(Error::io("begin to write", &*self.path))?;
        Ok(())
    }

    /// Waits for the thread, if there is one, and returns its result.
    fn join(&mut self) -> Result<Option<Flushing>, Error> {
        let To::Thread { pieces, thread } = std::mem::replace(&mut self.to, To::Failed) else {
            return Ok(None);
        };
        drop(pieces);
        let written = thread.join();
        let panicked = |_| Err(io::Error::other("the thread that writes has panicked"));
        written
            .unwrap_or_else(panicked)
            .map_err(Error::io("write", &*self.path))
    }
}

fn write(
    mut file: &File,
    pieces: &Receiver<Bytes>,
    mut flusher: Option<Flusher>,
) -> io::Result<Option<Flushing>> {
    for piece in pieces {
        file.write_all(&piece)?;
        if let Some(flusher) = &mut flusher {
            flusher.written(piece.len() as u64);
        }
    }
    Ok(flusher.map(Flusher::finish))
}
