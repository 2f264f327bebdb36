use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::archives::Seeds;
use crate::client::Body;
use crate::peers::Daemon;

/// Loads small images through the API, and returns the duration.
pub(super) fn fill(daemon: &Daemon, seeds: Seeds) -> Result<Duration> {
    let begun = Instant::now();
    for archive in seeds.archives() {
        let mut body = Body::Bytes(archive?);
        daemon.load(&mut body).context("fill a daemon")?;
    }
    Ok(begun.elapsed())
}

/// The same as a note.
pub(super) fn filled_in(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    format!("The daemon was filled through the API in {seconds:.1} s.")
}
