//! The measured works: one file for each.

mod again;
mod contest;
mod feed;
mod fill;
mod growth;
mod import;
mod inspect;
mod list;
mod load;
mod memory;
mod rate;
mod stage;
mod start;
mod tag;
mod throughput;

use anyhow::Result;
use clap::ValueEnum;

use crate::bench::Bench;
use crate::report::Report;

/// A work, as it is chosen on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Load archives
    Load,
    /// Load and stage archives in a registry
    Stage,
    /// Load and stage the same archive again
    Again,
    /// Import root file systems
    Import,
    /// Memory of loads
    Memory,
    /// Inspect an image
    Inspect,
    /// Tag an image
    Tag,
    /// List images
    List,
    /// Start, idle memory, size
    Start,
    /// One daemon and several on one database
    #[value(skip)]
    Throughput,
    /// A database with many names
    #[value(skip)]
    Growth,
}

impl Work {
    /// Works with other programs.
    pub(crate) const BESIDE_OTHERS: [Self; 9] = [
        Self::Load,
        Self::Stage,
        Self::Again,
        Self::Import,
        Self::Memory,
        Self::Inspect,
        Self::Tag,
        Self::List,
        Self::Start,
    ];

    /// Works of daemons on PostgreSQL.
    pub(crate) const ON_POSTGRES: [Self; 2] = [Self::Throughput, Self::Growth];

    /// Runs it, and adds its rows to the report as they are done.
    pub(crate) fn run(self, bench: &Bench, report: &mut Report) -> Result<()> {
        match self {
            Self::Load => load::run(bench, report),
            Self::Stage => stage::run(bench, report),
            Self::Again => again::run(bench, report),
            Self::Import => import::run(bench, report),
            Self::Memory => memory::run(bench, report),
            Self::Inspect => inspect::run(bench, report),
            Self::Tag => tag::run(bench, report),
            Self::List => list::run(bench, report),
            Self::Start => start::run(bench, report),
            Self::Throughput => throughput::run(bench, report),
            Self::Growth => growth::run(bench, report),
        }
    }
}
