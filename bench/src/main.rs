//! How fast sockerless is beside dockerd, podman and skopeo: everybody in turn, in one run, with
//! the results checked. `make bench` runs it; `docs/benchmark.md` is what it writes.

mod archives;
mod baseline;
mod bench;
mod cli;
mod client;
mod measure;
mod peers;
mod report;
mod works;

use anyhow::Result;
use clap::Parser as _;

use bench::Bench;
use cli::{Cli, Command};

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Run(options) => Bench::new(options)?.run(),
        Command::Baseline(baseline) => baseline.run(),
    }
}
