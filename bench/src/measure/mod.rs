//! Measures the cost of work: time, processor, memory, disk.

mod command;
mod disk;
mod sample;
mod sampler;
mod tree;
mod usage;

pub(crate) use command::run;
pub(crate) use disk::{appends_per_second, bytes_in, settle, warm};
pub(crate) use sample::Sample;
pub(crate) use sampler::Sampler;
pub(crate) use tree::Tree;
pub(crate) use usage::Usage;

use std::time::Instant;

use anyhow::Result;

/// Waits until the disk is quiet, runs `act` and measures the processes of `tree` meanwhile.
pub(crate) fn measure<T>(tree: Tree, act: impl FnOnce() -> Result<T>) -> Result<(T, Sample)> {
    settle();
    tree.forget_peaks()?;
    let before = tree.usage()?;
    let sampler = Sampler::start(tree);
    let begun = Instant::now();
    let done = act();
    let wall = begun.elapsed();
    let peak_memory = sampler.stop();
    let usage = tree.usage()?.since(before);
    Ok((done?, Sample::new(wall, usage, peak_memory)))
}
