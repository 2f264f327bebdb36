use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::hashed::Hashed;
use super::source::Source;

/// When everything was made.
const TIME: u64 = 1_700_000_000;

/// A layer in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    /// Where it is.
    pub(super) path: PathBuf,
    /// The digits of the digest of its tar.
    pub(super) diff_id: String,
    /// The digits of the digest of the file.
    pub(super) digest: String,
    /// Bytes of the file.
    pub(super) size: u64,
}

impl Layer {
    /// A layer of files of this machine, below the folder `below`.
    pub(super) fn of_files(path: PathBuf, below: &str, files: &[Source]) -> Result<Self> {
        Self::write(path, |tar| {
            let mut named: Vec<(PathBuf, &Source)> = files
                .iter()
                .map(|file| (name(below, &file.path), file))
                .collect();
            named.sort();
            named.dedup_by(|one, other| one.0 == other.0);
            let mut folders = BTreeSet::new();
            for (name, _) in &named {
                folders.extend(name.ancestors().skip(1).map(Path::to_owned));
            }
            for folder in folders.iter().filter(|it| !it.as_os_str().is_empty()) {
                let mut header = header(EntryType::Directory, 0o755, 0);
                tar.append_data(&mut header, folder, std::io::empty())?;
            }
            for (name, file) in named {
                let mut header = header(EntryType::Regular, 0o755, file.size);
                tar.append_data(&mut header, name, file.open()?)?;
            }
            Ok(())
        })
    }

    /// A layer with one small file.
    pub(super) fn of_text(path: PathBuf, name: &str, text: &str) -> Result<Self> {
        Self::write(path, |tar| {
            let mut header = header(EntryType::Regular, 0o755, text.len() as u64);
            Ok(tar.append_data(&mut header, name, text.as_bytes())?)
        })
    }

    /// The same layer compressed.
    pub(super) fn gzip(&self, path: PathBuf) -> Result<Self> {
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        let target = Hashed::new(BufWriter::new(file));
        let mut gzip = GzBuilder::new().write(target, Compression::new(6));
        std::io::copy(&mut File::open(&self.path)?, &mut gzip)?;
        let (mut file, digest, size) = gzip.finish()?.finish();
        file.flush()?;
        Ok(Self {
            path,
            diff_id: self.diff_id.clone(),
            digest,
            size,
        })
    }

    fn write(
        path: PathBuf,
        fill: impl FnOnce(&mut Builder<Hashed<BufWriter<File>>>) -> Result<()>,
    ) -> Result<Self> {
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        let mut tar = Builder::new(Hashed::new(BufWriter::new(file)));
        fill(&mut tar)?;
        let (mut file, digest, size) = tar.into_inner()?.finish();
        file.flush()?;
        Ok(Self {
            path,
            diff_id: digest.clone(),
            digest,
            size,
        })
    }
}

/// Adds a file to an archive.
pub(super) fn append(
    tar: &mut Builder<impl Write>,
    name: &str,
    size: u64,
    bytes: impl Read,
) -> Result<()> {
    let mut header = header(EntryType::Regular, 0o644, size);
    tar.append_data(&mut header, name, bytes)
        .with_context(|| name.to_owned())
}

fn name(below: &str, path: &Path) -> PathBuf {
    let relative = path.strip_prefix("/").unwrap_or(path);
    Path::new(below).join(relative)
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(TIME);
    header.set_size(size);
    header
}
