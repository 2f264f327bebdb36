//! Compares the speed of sockerless with dockerd, podman and skopeo: each in turn, in one run, with
//! the results checked. `make bench` runs it and writes `docs/benchmark.md`.
//!
//! It also measures several daemons on one database, and a database with many names: `make
//! scaling`, which writes `docs/scaling.md`.

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
        Command::Run(options) => Bench::beside_others(options)?.run(),
        Command::Scale(scaling) => Bench::on_postgres(scaling)?.run(),
        Command::Baseline(baseline) => baseline.run(),
    }
}
