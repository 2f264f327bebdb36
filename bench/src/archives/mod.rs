//! Archives to work with, made of files of this machine, and kept for the next run.

mod cache;
mod docker_archive;
mod expected;
mod fresh;
mod hashed;
mod image;
mod layer;
mod oci_archive;
mod pools;
mod program;
mod seeds;
mod sets;
mod source;

pub(crate) use expected::Expected;
pub(crate) use fresh::Fresh;
pub(crate) use seeds::Seeds;
pub(crate) use sets::Archives;

/// A million bytes, as in sizes of images.
pub(crate) const MB: u64 = 1_000_000;
