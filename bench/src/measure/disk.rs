use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Waits until everything that was written before is on the disk, so that no work pays for another.
pub(crate) fn settle() {
    rustix::fs::sync();
}

/// Reads a file once, so that it is in the page cache for all contestants.
pub(crate) fn warm(path: &Path) -> Result<()> {
    let mut file = File::open(path).with_context(|| path.display().to_string())?;
    io::copy(&mut file, &mut io::sink())?;
    Ok(())
}

/// Bytes of all files below `folder`.
pub(crate) fn bytes_in(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += match metadata.is_dir() {
            true => bytes_in(&entry.path())?,
            false => metadata.len(),
        };
    }
    Ok(sum)
}

/// How many durable appends of 4 KiB the disk does in a second: one writer, one file.
pub(crate) fn appends_per_second(folder: &Path, time: Duration) -> Result<f64> {
    let page = [0x5a; 4096];
    let mut file = tempfile::tempfile_in(folder).context("a temporary file")?;
    let begun = Instant::now();
    let mut appends = 0_u32;
    while begun.elapsed() < time {
        file.write_all(&page)?;
        rustix::fs::fdatasync(&file)?;
        appends += 1;
    }
    Ok(f64::from(appends) / begun.elapsed().as_secs_f64())
}
