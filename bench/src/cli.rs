use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::baseline::Baseline;
use crate::works::Work;

/// How fast sockerless is beside dockerd, podman and skopeo.
#[derive(Debug, Parser)]
#[command(name = "sockerless-bench", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure
    Run(Options),
    /// Measure several daemons on one PostgreSQL, and one with many names
    Scale(Scaling),
    /// Read a file, hash it, and write it once: what the machine can do
    Baseline(Baseline),
}

/// What every measurement needs.
#[derive(Debug, Args)]
pub(crate) struct Site {
    /// The daemon
    #[arg(long, value_name = "FILE", default_value = "target/release/sockerless")]
    pub(crate) sockerless: PathBuf,

    /// Where archives are kept and daemons work: on a disk
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub(crate) folder: PathBuf,

    /// Where the page and its pictures are written when everything was measured; those of a part
    /// are written to the folder above
    #[arg(long, value_name = "DIR", default_value = "docs")]
    pub(crate) report: PathBuf,

    /// How often everybody does everything
    #[arg(long, default_value_t = 3, value_parser = at_least_one)]
    pub(crate) rounds: usize,
}

/// What is measured beside other programs.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) site: Site,

    /// The binary that is shipped, whose size counts [default: the daemon]
    #[arg(long, value_name = "FILE")]
    pub(crate) shipped: Option<PathBuf>,

    /// Which works [default: all]
    #[arg(long, value_name = "WORK,…", value_delimiter = ',')]
    pub(crate) works: Vec<Work>,

    /// Names in the state for the slowest inspection
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) tags: u32,

    /// Images in the state for the slowest start
    #[arg(long, default_value_t = 100_000)]
    pub(crate) images: u32,
}

impl Options {
    /// Whether the page is that of a whole run with sizes as they should be.
    pub(crate) fn is_complete(&self) -> bool {
        self.works.is_empty()
            && self.site.rounds >= 3
            && self.tags >= 1_000_000
            && self.images >= 100_000
    }
}

/// What is measured on PostgreSQL.
#[derive(Debug, Args)]
pub(crate) struct Scaling {
    #[command(flatten)]
    pub(crate) site: Site,

    /// Names in the large database
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(10_000..))]
    pub(crate) names: u32,
}

impl Scaling {
    /// Whether the page is that of a whole run.
    pub(crate) fn is_complete(&self) -> bool {
        self.site.rounds >= 3 && self.names >= 10_000_000
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("there has to be one".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn options(arguments: &[&str]) -> Options {
        let all = ["sockerless-bench", "run"].iter().chain(arguments);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Run(options) => options,
            _ => panic!("not asked for"),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn only_a_whole_run_makes_the_page() {
        assert!(options(&[]).is_complete());
        assert!(options(&["--rounds", "5"]).is_complete());
        assert!(!options(&["--rounds", "1"]).is_complete());
        assert!(!options(&["--works", "load,stage"]).is_complete());
        assert!(!options(&["--tags", "1000"]).is_complete());
        assert!(Cli::try_parse_from(["sockerless-bench", "run", "--rounds", "0"]).is_err());
    }

    #[test]
    fn fewer_names_make_no_page() {
        let is_complete = |arguments: &[&str]| {
            let all = ["sockerless-bench", "scale"].iter().chain(arguments);
            match Cli::try_parse_from(all).unwrap().command {
                Command::Scale(scaling) => scaling.is_complete(),
                _ => panic!("not asked for"),
            }
        };
        assert!(is_complete(&[]));
        assert!(!is_complete(&["--names", "100000"]));
        assert!(!is_complete(&["--rounds", "1"]));
        assert!(Cli::try_parse_from(["sockerless-bench", "scale", "--names", "99"]).is_err());
    }
}
