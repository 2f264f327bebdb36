//! Options of `docker import URL`.

use clap::{Args, ValueEnum};
use sockerless_images::ImportConfig;

use crate::bytes;

/// What `docker import URL` may fetch.
#[derive(Debug, Args)]
#[command(next_help_heading = "Imports from a URL")]
pub(crate) struct ImportOptions {
    /// Bytes of a file system that is fetched from a URL
    #[arg(
        long,
        env = "SOCKERLESS_MAX_IMPORT_BYTES",
        value_name = "BYTES",
        value_parser = bytes::parse,
        default_value_t = 16 << 30
    )]
    max_import_bytes: u64,

    /// Where a URL may lead
    #[arg(long, env = "SOCKERLESS_IMPORT_FROM", default_value = "elsewhere")]
    import_from: ImportFrom,
}

/// Where a URL may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ImportFrom {
    /// Not to this machine itself and its own link, where clouds keep their metadata services
    Elsewhere,
    /// To every address
    Anywhere,
}

impl From<&ImportOptions> for ImportConfig {
    fn from(options: &ImportOptions) -> Self {
        Self {
            max_download_bytes: options.max_import_bytes,
            allow_local: options.import_from == ImportFrom::Anywhere,
        }
    }
}
