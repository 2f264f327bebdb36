//! The best that this machine can do with the bytes of an archive: read them, hash them all, and
//! write them once, durably. A separate program, measured like the others.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use sha2::{Digest as _, Sha256};

/// Bytes that are handled at a time.
const PIECE: usize = 256 * 1024;

/// Pieces in each queue.
const PIECES: usize = 8;

/// Read, hash and write.
#[derive(Debug, Args)]
pub(crate) struct Baseline {
    /// What is read
    from: PathBuf,
    /// What is written; nothing, when this is left out
    to: Option<PathBuf>,
    /// One thread for everything instead of one each
    #[arg(long)]
    single: bool,
}

/// A buffer with so many bytes in it.
type Piece = (Vec<u8>, usize);

impl Baseline {
    /// Does it.
    pub(crate) fn run(&self) -> Result<()> {
        let from = open(&self.from)?;
        let to = self.to.as_deref().map(create).transpose()?;
        let digest = match self.single {
            true => one_thread(from, to)?,
            false => threads(from, to)?,
        };
        // So that the hashing cannot be optimized away.
        anyhow::ensure!(digest != [0; 32], "impossible digest");
        Ok(())
    }
}

fn one_thread(mut from: File, mut to: Option<File>) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; PIECE];
    loop {
        let length = from.read(&mut buffer)?;
        let bytes = buffer.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        hasher.update(bytes);
        if let Some(to) = &mut to {
            to.write_all(bytes)?;
        }
    }
    sync(to.as_ref())?;
    Ok(hasher.finalize().into())
}

/// One thread reads, one hashes, one writes; buffers go around.
fn threads(mut from: File, to: Option<File>) -> Result<[u8; 32]> {
    let (used, free) = sync_channel::<Vec<u8>>(PIECES);
    for _ in 0..PIECES {
        used.send(vec![0; PIECE])?;
    }
    let (read, to_hash) = sync_channel::<Piece>(PIECES);
    let (hashed, to_write) = sync_channel::<Piece>(PIECES);
    thread::scope(|scope| {
        let hashing = scope.spawn(move || hash(to_hash, hashed));
        let writing = scope.spawn(move || write(to_write, to, used));
        for mut buffer in free {
            let length = from.read(&mut buffer)?;
            if length == 0 || read.send((buffer, length)).is_err() {
                break;
            }
        }
        drop(read);
        let digest = hashing.join().map_err(|_| anyhow!("hashing panicked"))?;
        writing.join().map_err(|_| anyhow!("writing panicked"))??;
        Ok(digest)
    })
}

fn hash(pieces: Receiver<Piece>, on: SyncSender<Piece>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for (buffer, length) in pieces {
        hasher.update(buffer.get(..length).unwrap_or_default());
        if on.send((buffer, length)).is_err() {
            // The writer reports why it has stopped.
            break;
        }
    }
    hasher.finalize().into()
}

fn write(pieces: Receiver<Piece>, mut to: Option<File>, used: SyncSender<Vec<u8>>) -> Result<()> {
    for (buffer, length) in pieces {
        if let Some(to) = &mut to {
            to.write_all(buffer.get(..length).unwrap_or_default())?;
        }
        // At the end of the file the reader is gone.
        let _unwanted = used.send(buffer);
    }
    sync(to.as_ref())
}

fn sync(file: Option<&File>) -> Result<()> {
    file.map_or(Ok(()), File::sync_all).context("sync")
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| path.display().to_string())
}

fn create(path: &Path) -> Result<File> {
    File::create(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_hash_and_write_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        let bytes: Vec<u8> = (0..PIECE * PIECES * 2 + 77).map(|at| at as u8).collect();
        std::fs::write(&from, &bytes).unwrap();
        let wanted: [u8; 32] = Sha256::digest(&bytes).into();
        for way in [one_thread, threads] {
            let to = folder.path().join("to");
            let digest = way(open(&from).unwrap(), Some(create(&to).unwrap())).unwrap();
            assert_eq!(digest, wanted);
            assert_eq!(std::fs::read(&to).unwrap(), bytes);
            assert_eq!(way(open(&from).unwrap(), None).unwrap(), wanted);
        }
    }
}
