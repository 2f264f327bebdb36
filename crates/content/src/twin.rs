//! A stored blob that may be identical to the one being written.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;

/// A stored blob whose bytes equal those of the blob being written, as far as it has been written.
#[derive(Debug)]
pub(crate) struct Twin {
    path: PathBuf,
    file: File,
    /// Bytes compared so far.
    compared: u64,
    buffer: Vec<u8>,
}

impl Twin {
    /// The first of `paths` that begins with `bytes`.
    pub(crate) fn find(paths: impl Iterator<Item = PathBuf>, bytes: &[u8]) -> Option<Self> {
        let mut twins = paths.filter_map(|path| {
            let file = File::open(&path).ok()?;
            Some(Self {
                path,
                file,
                compared: 0,
                buffer: Vec::new(),
            })
        });
        twins.find_map(|mut twin| twin.goes_on(bytes).then_some(twin))
    }

    /// Whether the next bytes are these; if so, they count as compared.
    pub(crate) fn goes_on(&mut self, bytes: &[u8]) -> bool {
        self.buffer.resize(bytes.len(), 0);
        let same = self.file.read_exact(&mut self.buffer).is_ok() && self.buffer == bytes;
        if same {
            self.compared += bytes.len() as u64;
        }
        same
    }

    /// The path, if the blob ends where the comparison did.
    pub(crate) fn whole(&mut self) -> Option<PathBuf> {
        let at_end = matches!(self.file.read(&mut [0]), Ok(0));
        at_end.then(|| self.path.clone())
    }

    /// Copies the compared bytes.
    pub(crate) fn copy(mut self, to: &mut File) -> io::Result<()> {
        self.file.rewind()?;
        let copied = io::copy(&mut self.file.take(self.compared), to)?;
        match copied == self.compared {
            true => to.flush(),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
